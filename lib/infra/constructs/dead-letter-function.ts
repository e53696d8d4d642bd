import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';
import { RECORD_TIMEOUT } from './replay-queues.ts';

export interface DeadLetterFunctionProps extends FunctionSettings {
  readonly abandoned: IQueue;
  readonly statements: readonly PolicyStatement[];
}

/** Records what the queues gave up, and lays it among the dead letters. */
export class DeadLetterFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, { abandoned, ...common }: DeadLetterFunctionProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'DeadLetters', {
      ...common,
      handler: 'dead-letters',
      description: 'records what the queues gave up',
      timeout: RECORD_TIMEOUT,
      memoryMb: 256,
    });
    this.fn = fn;
    fn.addEventSource(new SqsEventSource(abandoned, { batchSize: 10, reportBatchItemFailures: true, maxConcurrency: 2 }));
  }
}
