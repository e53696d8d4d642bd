import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { EveryMinute } from './every-minute.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';

export interface ObserverFunctionProps extends FunctionSettings {
  /** Of the gateway: after a switch the observer waits as long, and opens the writes. */
  readonly leaseSec: number;
  readonly statements: readonly PolicyStatement[];
}

/** Of a minute's rounds, the last of which may take its time limits. */
const ROUNDS_SEC = 75;

/** Looks at both regions four times a minute, one call at a time: room that is kept for it, so that a storm of requests cannot blind it. */
export class ObserverFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, { leaseSec, ...props }: ObserverFunctionProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'Observer', {
      ...props,
      handler: 'observer',
      description: 'looks at both regions of the gateway',
      timeout: Duration.seconds(ROUNDS_SEC + Math.ceil(1.1 * leaseSec)),
      memoryMb: 256,
      reservedConcurrency: 1,
    });
    this.fn = fn;
    new EveryMinute(this, 'EveryMinute', { fn, description: 'observer of the gateway' });
  }
}
