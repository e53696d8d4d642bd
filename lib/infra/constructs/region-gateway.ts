import { Stack } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { JwtConfig } from '../../config/config.ts';
import { gatewayEnv } from '../../config/gateway-env.ts';
import { TidemarkError } from '../../core/errors.ts';
import { acknowledge } from '../acknowledge.ts';
import type { GatewayDeployment } from '../deployment.ts';
import { addHeads, decide, handOn, probe, readHeads, readTrail, trailOf } from '../gateway-access.ts';
import { gatewayAlarmSpecs } from '../gateway-alarm-specs.ts';
import { objectAccess } from '../object-access.ts';
import { countMessages, sendWork, tellAges } from '../queue-access.ts';
import type { AwsSettings } from '../settings.ts';
import { Alarms } from './alarms.ts';
import { API_TIMEOUT_SEC, Api, type Scoped } from './api.ts';
import { auditHeadsBucketName } from './audit-heads-bucket.ts';
import { GatewayDashboard } from './gateway-dashboard.ts';
import type { FunctionSettings } from './handler-function.ts';
import { ObserverFunction } from './observer-function.ts';
import type { ReplayQueues } from './replay-queues.ts';
import type { ReportStore } from './report-store.ts';
import { SealFunction } from './seal-function.ts';
import type { StateTable } from './state-table.ts';

/** What lies in the region alone that the route starts in. */
export interface GatewayHome {
  readonly queues: ReplayQueues;
  readonly state: StateTable;
  readonly reports: ReportStore;
  /** As functions are told of them. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface RegionGatewayProps {
  readonly deployment: GatewayDeployment;
  readonly settings: AwsSettings;
  /** Absent in the region where the route ends; then `topic` hands looks on. */
  readonly home?: GatewayHome;
  readonly topic?: ITopic;
  /** Of alarms. @default nobody is told */
  readonly told: { readonly topic?: ITopic };
}

/** Left to write down why a store did not answer. */
const MARGIN_SEC = 5;

/** Whoever may do everything may read and write objects, too. */
const ADMIN = 'tidemark/admin';
const OBJECTS = [ADMIN, 'tidemark/objects'];

/** The longest path that fits a request counts. */
const SCOPED: readonly Scoped[] = [
  { paths: ['/objects', '/objects/{proxy+}', '/replication/{proxy+}', '/sign', '/healthz'], scopes: OBJECTS },
  { paths: ['/{proxy+}'], scopes: [ADMIN] },
];

/** A gateway in one of its two regions: its API, its observer, and in the route's own region what signs the audit trails. */
export class RegionGateway extends Construct {
  readonly api: Api;
  readonly observer: ObserverFunction;
  readonly seal: SealFunction | undefined;

  constructor(scope: Construct, id: string, { deployment, settings, home, topic, told }: RegionGatewayProps) {
    super(scope, id);
    const { config, here, route } = deployment;
    const { gateway } = config;
    const { stackName } = Stack.of(this);
    const limits = { ...config.limits, lookSec: Math.min(config.limits.lookSec, API_TIMEOUT_SEC - MARGIN_SEC) };
    const environment = {
      ...home?.environment,
      ...gatewayEnv({
        config: { ...config, limits },
        stack: stackName,
        here: here.name,
        headsBucket: auditHeadsBucketName(config.name),
        ...(topic ? { topicArn: topic.topicArn } : {}),
      }),
    };
    const common = { logRetention: settings.logRetentionDays, tracing: settings.tracing, environment };
    const objects = objectAccess(this, { region: here, routes: [route], returning: [], config }, settings);
    const measuring = home ? [home.state.tellHowFar(), countMessages(home.queues)] : [];
    const { jwt } = gateway;
    this.api = new Api(this, 'Api', {
      ...common,
      handler: 'gateway',
      description: 'answers the gateway',
      rateLimit: 1_000,
      ...(jwt ? { jwt: { issuer: rsaOnly(jwt).issuer, audience: [jwt.audience] }, scopes: SCOPED } : {}),
      statements: [
        decide(this, config),
        ...readHeads(this, config),
        ...objects.statements,
        ...(home ? [...measuring, home.state.readPauses(), sendWork(home.queues), tellAges(), home.reports.showKey()] : []),
        ...(topic ? [handOn(topic.topicArn)] : []),
      ],
    });
    this.observer = new ObserverFunction(this, 'Watch', {
      ...common,
      leaseSec: gateway.leaseSec,
      statements: [decide(this, config), ...probe(this, deployment, settings), ...measuring],
    });
    this.seal = home && this.#sealing(config, common, home);
    for (const wildcard of objects.wildcards) {
      acknowledge(this.api, `AwsSolutions-IAM5[Resource::${wildcard}]`, 'Objects of the gateway, or probes: their keys are not known before.');
    }
    for (const owner of [this.api, ...(this.seal ? [this.seal] : [])]) {
      acknowledge(
        owner,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${config.name}-audit-<AWS::AccountId>/*]`,
        'Signed heads: how long the chain was is not known before.',
      );
    }
    if (home) acknowledge(this.api, 'AwsSolutions-IAM5[Resource::*]', 'CloudWatch has no resources to name; the one action reads metrics.');
    const { alarms } = new Alarms(this, 'Alarms', { specs: gatewayAlarmSpecs({ stack: stackName, seal: this.seal?.fn }), ...told });
    new GatewayDashboard(this, 'Operations', {
      stack: stackName,
      regions: [route.from, route.to],
      gateway: this.api.fn,
      observer: this.observer.fn,
      alarms,
    });
  }

  #sealing(config: GatewayDeployment['config'], common: FunctionSettings, home: GatewayHome): SealFunction {
    const { state, reports } = home;
    return new SealFunction(this, 'Sealing', {
      ...common,
      statements: [
        readTrail(this, config),
        trailOf('ReadTrail', state.table.tableArn),
        ...readHeads(this, config),
        addHeads(this, config),
        reports.showKey(),
        reports.sign(),
      ],
    });
  }
}

/** @throws TidemarkError INVALID_CONFIG for algorithms that API Gateway does not know */
function rsaOnly(jwt: JwtConfig): JwtConfig {
  if (jwt.algorithms.every((algorithm) => /^RS(256|384|512)$/.test(algorithm))) return jwt;
  const message = `gateway.jwt.algorithms: API Gateway believes RS256, RS384 and RS512 alone, not ${jwt.algorithms.join(', ')}. Name those alone, or let the embedded host serve the gateway.`;
  throw new TidemarkError('INVALID_CONFIG', message, { field: 'gateway.jwt.algorithms' });
}
