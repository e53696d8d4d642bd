import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EveryMinute } from './every-minute.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface SweepFunctionProps extends FunctionSettings {
  readonly statements: readonly PolicyStatement[];
}

/** Once a minute, queues what is overdue. */
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
    new EveryMinute(this, 'EveryMinute', { fn, description: 'sweep' });
  }
}
