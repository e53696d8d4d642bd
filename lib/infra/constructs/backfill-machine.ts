import { ArnFormat, Duration, Stack, Token } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { backfillDefinition } from '../backfill-definition.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface BackfillMachineProps extends Omit<FunctionSettings, 'environment'> {
  readonly statements: readonly PolicyStatement[];
  /** Given the machine's ARN: it starts comparisons by the clock, too. */
  readonly environmentOf: (arn: string) => Readonly<Record<string, string>>;
}

/** Of one step: it works for all but the last of it. The longest there is, since a report of millions of differences is one step. */
export const STEP_TIMEOUT = Duration.minutes(15);
/** How late a comparison by the clock may begin. */
const SCHEDULE_EVERY = Duration.minutes(15);

/** The workflow that walks the ranges of backfills and comparisons, the function that does its steps, and the clock that starts some. */
export class BackfillMachine extends Construct {
  readonly fn: LambdaFunction;
  readonly arn: string;

  constructor(scope: Construct, id: string, props: BackfillMachineProps) {
    super(scope, id);
    const stack = Stack.of(this);
    // Named here, since its role must name it: a distributed map runs as executions of the machine itself.
    const name = `${stack.stackName}-backfill`;
    this.arn = stack.formatArn({ service: 'states', resource: 'stateMachine', resourceName: name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const { fn } = new HandlerFunction(this, 'Step', {
      ...props,
      environment: props.environmentOf(this.arn),
      handler: 'backfill',
      description: 'plans, lists and compares',
      timeout: STEP_TIMEOUT,
      memoryMb: 512,
      statements: [...props.statements, new PolicyStatement({ sid: 'StartDue', actions: ['states:StartExecution'], resources: [this.arn] })],
    });
    this.fn = fn;
    // A call that fails is not repeated: the next one does its work.
    fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: SCHEDULE_EVERY });
    const target = new FunctionTarget(fn, { retryAttempts: 0, event: RuleTargetInput.fromObject({ action: 'schedule' }) });
    new Rule(this, 'Schedule', {
      description: 'Tidemark: starts comparisons that are due',
      schedule: Schedule.rate(SCHEDULE_EVERY),
      targets: [target],
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com'), description: 'Tidemark: walks backfills' });
    role.addToPolicy(new PolicyStatement({ sid: 'CallSteps', actions: ['lambda:InvokeFunction'], resources: [fn.functionArn] }));
    role.addToPolicy(new PolicyStatement({ sid: 'RunRanges', actions: ['states:StartExecution'], resources: [this.arn] }));
    role.addToPolicy(
      new PolicyStatement({ sid: 'WatchRanges', actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [this.executionArn] }),
    );
    this.acknowledgeExecutions(role);
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(backfillDefinition(fn.functionArn)),
      tracingConfiguration: { enabled: props.tracing },
    });
    machine.node.addDependency(role);
    const why = 'Each execution keeps its own history for 90 days, and the backfill itself says why it failed.';
    acknowledge(machine, 'AwsSolutions-SF1', why);
    if (!props.tracing) acknowledge(machine, 'AwsSolutions-SF2', 'X-Ray is a setting of the app, off by default as for the functions.');
    if (!props.tracing) return;
    role.addToPolicy(new PolicyStatement({ sid: 'Trace', actions: TRACING, resources: ['*'] }));
    acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray has no resources to name.');
  }

  /** Of its executions, whose names are not known before. */
  get executionArn(): string {
    return `${this.arn.replace(':stateMachine:', ':execution:')}:*`;
  }

  /** For whoever may stop them. */
  acknowledgeExecutions(owner: Construct): void {
    const { account, region, stackName } = Stack.of(this);
    const printed = `arn:<AWS::Partition>:states:${region}:${Token.isUnresolved(account) ? '<AWS::AccountId>' : account}:execution:${stackName}-backfill:*`;
    acknowledge(owner, `AwsSolutions-IAM5[Resource::${printed}]`, 'Executions of this one machine: their names are not known before.');
  }

  /** Starts and stops backfills. */
  run(): readonly PolicyStatement[] {
    return [
      new PolicyStatement({ sid: 'StartBackfills', actions: ['states:StartExecution'], resources: [this.arn] }),
      new PolicyStatement({ sid: 'StopBackfills', actions: ['states:StopExecution'], resources: [this.executionArn] }),
    ];
  }
}

const TRACING = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'];
