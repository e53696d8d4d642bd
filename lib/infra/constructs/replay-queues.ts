import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
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
/** How often a dead letter that is recorded already is read once more. */
const DEAD_LETTER_REST = Duration.minutes(15);

/** What the store tells, what Tidemark itself asks for, and what neither could be done with. */
export class ReplayQueues extends Construct {
  /** Takes the store's notifications alone. */
  readonly events: Queue;
  /** Takes looks of the API, of requeueing and backfill: however many, live events do not wait behind them (trap 47). */
  readonly work: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { timeout }: ReplayQueuesProps) {
    super(scope, id);
    const common: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: RETENTION };
    // What could not be read lies nowhere else.
    this.deadLetters = new Queue(this, 'DeadLetters', { ...common, visibilityTimeout: DEAD_LETTER_REST, removalPolicy: RemovalPolicy.RETAIN });
    const live: QueueProps = {
      ...common,
      visibilityTimeout: Duration.seconds(timeout.toSeconds() * TIMEOUTS_LONG),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    };
    this.events = new Queue(this, 'Events', live);
    this.work = new Queue(this, 'Work', live);
  }
}
