import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

export interface EveryMinuteProps {
  readonly fn: LambdaFunction;
  /** Of the rule, after the installation's name. */
  readonly description: string;
}

/** Calls a function once a minute. A call that fails is not repeated: the next minute's does its work. */
export class EveryMinute extends Construct {
  constructor(scope: Construct, id: string, { fn, description }: EveryMinuteProps) {
    super(scope, id);
    // The rule's own attempts end once Lambda has taken the call; Lambda would make two more, and keep a throttled one for hours.
    fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    const target = new FunctionTarget(fn, { retryAttempts: 0 });
    new Rule(this, 'Rule', { description: `Tidemark: ${description}`, schedule: Schedule.rate(Duration.minutes(1)), targets: [target] });
  }
}
