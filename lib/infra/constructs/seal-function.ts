import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EveryMinute } from './every-minute.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface SealFunctionProps extends FunctionSettings {
  readonly statements: readonly PolicyStatement[];
}

/** Once a minute, signs the ends of audit trails: it can read them, and write none. */
export class SealFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, props: SealFunctionProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'Seal', {
      ...props,
      handler: 'seal',
      description: 'signs the ends of audit trails',
      timeout: Duration.seconds(50),
      memoryMb: 256,
    });
    this.fn = fn;
    new EveryMinute(this, 'EveryMinute', { fn, description: 'signing of audit trails' });
  }
}
