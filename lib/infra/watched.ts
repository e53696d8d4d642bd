import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { schedulesOf } from '../config/schedules.ts';
import type { ReplayQueues } from './constructs/replay-queues.ts';

/** What alarms and the dashboard of a stack look at. */
export interface Watched {
  /** As its metrics name it. */
  readonly stack: string;
  /** Those that start here, by name. */
  readonly routes: readonly string[];
  /** True: at least one route has a canary. */
  readonly canaries: boolean;
  /** What compares both sides by the clock. */
  readonly schedules: ReturnType<typeof schedulesOf>;
  readonly queues: ReplayQueues;
  readonly replay: LambdaFunction;
  readonly replayMemoryMb: number;
  readonly table: Table;
}
