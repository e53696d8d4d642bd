import { join } from 'node:path';
import { type Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, type RecursiveLoop, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { bundle, type FunctionName } from '../bundle.ts';

/** What the functions of a stack have in common. */
export interface FunctionSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly logRetention: RetentionDays;
  readonly tracing: boolean;
}

export interface HandlerFunctionProps extends FunctionSettings {
  readonly handler: FunctionName;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMb: number;
  /** Calls at the same time, kept free for it. @default what the account has left */
  readonly reservedConcurrency?: number;
  /** @default Lambda ends chains of some 16 calls that a function causes by its own messages */
  readonly recursiveLoop?: RecursiveLoop;
  /** All that it may do beside writing its log. */
  readonly statements: readonly PolicyStatement[];
}

/** A function of lambdas/<handler>/index.ts with a role and a log group of its own. */
export class HandlerFunction extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: HandlerFunctionProps) {
    super(scope, id);
    const { handler, description, timeout, memoryMb, environment, logRetention, tracing, recursiveLoop, reservedConcurrency, statements } = props;
    this.logGroup = new LogGroup(this, 'Log', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    // AWS's managed policy would let it write every log of the account.
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: `Tidemark: ${description}` });
    this.logGroup.grantWrite(this.role);
    for (const statement of statements) this.role.addToPolicy(statement);
    this.fn = new LambdaFunction(this, 'Function', {
      description: `Tidemark: ${description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: this.#code(handler),
      handler: 'index.handler',
      timeout,
      memorySize: memoryMb,
      environment,
      role: this.role,
      logGroup: this.logGroup,
      ...(recursiveLoop ? { recursiveLoop } : {}),
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      tracing: tracing ? Tracing.ACTIVE : Tracing.DISABLED,
    });
    if (tracing) acknowledge(this.role, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray has no resources to name.');
  }

  /** The CLI asks for no bundles where it only lists or removes stacks. */
  #code(handler: FunctionName): Code {
    if (!Stack.of(this).bundlingRequired) return Code.fromInline('export const handler = undefined;');
    return Code.fromAsset(bundle(handler, join(Stage.of(this)?.outdir ?? '.', 'bundles')));
  }
}
