/** The age of the oldest message of SQS queues, which SQS itself tells CloudWatch alone. */
import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Clock } from '../../ports/system.ts';
import { asAwsFailure } from '../aws/failures.ts';

/** SQS tells once a minute, and CloudWatch shows it some minutes late. */
const WINDOW_MS = 10 * 60_000;
const PERIOD_SEC = 60;

export class OldestMessage {
  readonly #client: CloudWatchClient;
  readonly #clock: Clock;

  constructor(client: CloudWatchClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * When the oldest message of any of the queues was sent, ms since the epoch; undefined when none is told of. Up to some minutes
   * old: ask it for queues that hold something, or it tells of what has been done since.
   * @throws TidemarkError THROTTLED, UNAVAILABLE, ACCESS_DENIED or REJECTED
   */
  async sentAt(queueUrls: readonly string[]): Promise<number | undefined> {
    const now = this.#clock.now();
    const MetricDataQueries = queueUrls.map((url, place) => ({
      Id: `age${place}`,
      MetricStat: {
        Metric: {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [{ Name: 'QueueName', Value: url.split('/').at(-1) }],
        },
        Period: PERIOD_SEC,
        Stat: 'Maximum',
      },
    }));
    const { MetricDataResults = [] } = await this.#ask({ MetricDataQueries, StartTime: new Date(now - WINDOW_MS), EndTime: new Date(now) });
    const oldest = MetricDataResults.flatMap(({ Timestamps = [], Values = [] }) => {
      const told = Timestamps.map((at, place) => ({ at: at.getTime(), age: Values[place] ?? 0 }));
      const last = told.toSorted((a, b) => b.at - a.at)[0];
      return last === undefined || last.age === 0 ? [] : [last.at - last.age * 1000];
    });
    return oldest.length === 0 ? undefined : Math.min(...oldest);
  }

  async #ask(input: ConstructorParameters<typeof GetMetricDataCommand>[0]) {
    try {
      return await this.#client.send(new GetMetricDataCommand(input));
    } catch (error) {
      throw asAwsFailure(error, 'GetMetricData');
    }
  }
}
