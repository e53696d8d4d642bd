import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogField, AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, type IHttpRouteAuthorizer, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../bundle.ts';
import type { JwtSettings } from '../settings.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface ApiProps extends FunctionSettings {
  readonly handler: FunctionName;
  /** Of the function, after the installation's name. */
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
  /** Requests a second; twice as many at once. */
  readonly rateLimit: number;
  /** @default IAM: each request is signed by someone who may invoke the API */
  readonly jwt?: JwtSettings;
  /** Of tokens: which scopes open which paths, one of them each. @default any token opens all paths */
  readonly scopes?: readonly Scoped[];
}

export interface Scoped {
  /** As API Gateway writes them. */
  readonly paths: readonly string[];
  readonly scopes: readonly string[];
}

/** API Gateway gives up after thirty seconds; an answer that comes later is nobody's. */
export const API_TIMEOUT_SEC = 29;

/** An HTTP API has no resources, and so no resource path, which the usual format names. */
const LOG_FORMAT = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    ip: AccessLogField.contextIdentitySourceIp(),
    requestTime: AccessLogField.contextRequestTime(),
    httpMethod: AccessLogField.contextHttpMethod(),
    path: AccessLogField.contextPath(),
    status: AccessLogField.contextStatus(),
    protocol: AccessLogField.contextProtocol(),
    responseLength: AccessLogField.contextResponseLength(),
    integrationError: AccessLogField.contextIntegrationErrorMessage(),
    authorizerError: AccessLogField.contextAuthorizerError(),
  }),
);

/** The HTTP API. No path of it is open. */
export class Api extends Construct {
  readonly fn: LambdaFunction;
  readonly url: string;

  constructor(scope: Construct, id: string, { jwt, rateLimit, scopes = [{ paths: ['/{proxy+}'], scopes: [] }], ...common }: ApiProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'Handler', {
      ...common,
      timeout: Duration.seconds(API_TIMEOUT_SEC),
      memoryMb: 512,
    });
    this.fn = fn;
    const api = new HttpApi(this, 'Http', {
      createDefaultStage: false,
      description: 'Tidemark',
      defaultAuthorizer: authorizerOf(jwt),
    });
    const log = new LogGroup(this, 'AccessLog', { retention: common.logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit, burstLimit: 2 * rateLimit },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: LOG_FORMAT },
    });
    // The handler knows its paths: what is not among them is answered as it answers everything, with what to do.
    const integration = new HttpLambdaIntegration('Integration', fn);
    for (const { paths, scopes: authorizationScopes } of scopes) {
      const asked = authorizationScopes.length > 0 ? { authorizationScopes: [...authorizationScopes] } : {};
      for (const path of paths) api.addRoutes({ path, methods: [HttpMethod.ANY], integration, ...asked });
    }
    this.url = stage.url;
  }
}

function authorizerOf(jwt: JwtSettings | undefined): IHttpRouteAuthorizer {
  return jwt ? new HttpJwtAuthorizer('Jwt', jwt.issuer, { jwtAudience: [...jwt.audience] }) : new HttpIamAuthorizer();
}
