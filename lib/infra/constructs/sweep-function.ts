import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface SweepFunctionProps extends FunctionSettings {
  readonly statements: readonly PolicyStatement[];
}

/** Once a minute, queues what is overdue. A call that fails is not repeated: the next minute's does its work. */
export class SweepFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, props: SweepFunctionProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'Sweep', {
      ...props,
      handler: 'sweep',
      description: 'queues what is overdue',
      timeout: Duration.seconds(50),
      memoryMb: 256,
    });
    this.fn = fn;
    // The rule's own attempts end once Lambda has taken the call; Lambda would make two more, and keep a throttled one for hours.
    fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    const target = new FunctionTarget(fn, { retryAttempts: 0 });
    new Rule(this, 'EveryMinute', { description: 'Tidemark: sweep', schedule: Schedule.rate(Duration.minutes(1)), targets: [target] });
  }
}
