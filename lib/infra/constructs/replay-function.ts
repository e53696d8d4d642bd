import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Function as LambdaFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import type { Route } from '../../core/routes/route.ts';
import type { ReplaySettings } from '../settings.ts';
import { type FunctionSettings, HandlerFunction } from './handler-function.ts';
import type { ReplayQueues } from './replay-queues.ts';

export interface ReplayFunctionProps extends FunctionSettings {
  readonly queues: ReplayQueues;
  readonly replay: ReplaySettings;
  readonly statements: readonly PolicyStatement[];
}

/** Of the places for live events, how many as many more there are for work that was asked for. */
const WORK_SHARE = 5;
const FEWEST = 2;

/** Calls at the same time, at most, that work off each queue. */
function placesOf({ maxConcurrency }: ReplaySettings): { readonly events: number; readonly work: number } {
  return { events: maxConcurrency, work: Math.max(FEWEST, Math.ceil(maxConcurrency / WORK_SHARE)) };
}

/** A throttled route as each function's process knows it: with its part of the throttle, as if all were at work. */
export function sharedThrottle(route: Route, replay: ReplaySettings): Route {
  const { events, work } = placesOf(replay);
  return route.throttle ? { ...route, throttle: { ...route.throttle, sharedBy: events + work } } : route;
}

/** Replays what both queues hold. How much at a time is limited at the queues: reserved concurrency would send messages to the dead letters. */
export class ReplayFunction extends Construct {
  readonly fn: LambdaFunction;

  constructor(scope: Construct, id: string, { queues, replay, ...common }: ReplayFunctionProps) {
    super(scope, id);
    const { fn } = new HandlerFunction(this, 'Replay', {
      ...common,
      handler: 'replay',
      description: 'makes destinations equal to their source',
      timeout: Duration.seconds(replay.timeoutSec),
      memoryMb: replay.memoryMb,
      // A key that is written all the time is looked at again and again: the protocol bounds that, and Lambda's guard would call it a loop.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    this.fn = fn;
    const places = placesOf(replay);
    const batches = { batchSize: replay.batchSize, reportBatchItemFailures: true };
    fn.addEventSource(new SqsEventSource(queues.events, { ...batches, maxConcurrency: places.events }));
    fn.addEventSource(new SqsEventSource(queues.work, { ...batches, maxConcurrency: places.work }));
  }
}
