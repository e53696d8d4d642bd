import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption, QueuePolicy, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface ReplayQueuesProps {
  /** Of the function that takes from them. */
  readonly timeout: Duration;
}

/** Far more than the protocol's own retries: what ends here has a worker that died again and again. */
const MAX_RECEIVES = 120;
/** Lambda's advice: a batch that was throttled is not given to another while it waits. */
const TIMEOUTS_LONG = 6;
/** The longest that SQS keeps anything. A tombstone is kept for longer than both queues together. */
const RETENTION = Duration.days(14);
/** Of the function that records what the queues gave up. */
export const RECORD_TIMEOUT = Duration.minutes(1);
/** The most that SQS takes. What cannot be recorded for days (the table is gone) becomes a dead letter all the same. */
const MAX_RECORDING_RECEIVES = 1_000;

/**
 * What the store tells, what Tidemark itself asks for, and what could be done with neither: SQS hands it to `abandoned`, and a function
 * records it and lays it among the dead letters. It is not recorded where it rests: a queue that gives its messages to a function
 * holds them in flight, where a redrive does not find them.
 */
export class ReplayQueues extends Construct {
  /** Takes the store's notifications alone. */
  readonly events: Queue;
  /** Takes looks of the API, of requeueing and backfill: however many, live events do not wait behind them (trap 47). */
  readonly work: Queue;
  /** What SQS gave up and no record tells of yet: empty but for moments. */
  readonly abandoned: Queue;
  /** Recorded, and kept for people and for a redrive. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { timeout }: ReplayQueuesProps) {
    super(scope, id);
    const common: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: RETENTION };
    // What could not be read lies nowhere else.
    this.deadLetters = new Queue(this, 'DeadLetters', { ...common, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });
    keepPolicy(this.deadLetters);
    this.abandoned = new Queue(this, 'Abandoned', {
      ...common,
      visibilityTimeout: Duration.seconds(RECORD_TIMEOUT.toSeconds() * TIMEOUTS_LONG),
      // SQS moves messages back from a redrive's target alone: this is what makes the dead letters one.
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECORDING_RECEIVES },
    });
    const live: QueueProps = {
      ...common,
      visibilityTimeout: Duration.seconds(timeout.toSeconds() * TIMEOUTS_LONG),
      deadLetterQueue: { queue: this.abandoned, maxReceiveCount: MAX_RECEIVES },
    };
    this.events = new Queue(this, 'Events', live);
    this.work = new Queue(this, 'Work', live);
  }
}

/** A queue that stays stays closed to what comes without TLS. */
function keepPolicy(queue: Queue): void {
  const policy = queue.node.tryFindChild('Policy');
  if (!(policy instanceof QueuePolicy)) throw new TypeError('a queue that asks for TLS has a policy');
  policy.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}
