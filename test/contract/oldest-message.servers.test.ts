import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OldestMessage } from '../../lib/adapters/cloudwatch/oldest-message.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';

const clock = new SystemClock();
const MINUTE_MS = 60_000;
/** A metric is told of a minute, and its age of a second. */
const ACCURACY_MS = MINUTE_MS + 1_000;

describe.skipIf(!emulatorAvailable())('the oldest message', () => {
  let emulator: Emulator;
  let client: CloudWatchClient;
  let oldest: OldestMessage;
  beforeAll(async () => {
    emulator = await startEmulator();
    client = new CloudWatchClient(emulator.client);
    oldest = new OldestMessage(client, clock);
  });
  afterAll(async () => {
    client.destroy();
    await emulator.stop();
  });

  /** As SQS tells it; the emulator's SQS tells nothing. */
  async function tell(queue: string, ageSec: number, minutesAgo = 0): Promise<void> {
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'AWS/SQS',
        MetricData: [
          {
            MetricName: 'ApproximateAgeOfOldestMessage',
            Dimensions: [{ Name: 'QueueName', Value: queue }],
            Timestamp: new Date(clock.now() - minutesAgo * MINUTE_MS),
            Value: ageSec,
            Unit: 'Seconds',
          },
        ],
      }),
    );
  }

  const urlOf = (queue: string): string => `${emulator.endpoint}/111122223333/${queue}`;

  it('is that of the queue whose message waits for longest, as it was told last', async () => {
    await tell('events', 4_000, 5);
    await tell('events', 30, 2);
    await tell('work', 900, 2);
    await tell('alien', 86_400, 2);

    const sentAt = await oldest.sentAt(['events', 'work'].map(urlOf));

    const expected = clock.now() - 2 * MINUTE_MS - 900_000;
    expect(Math.abs((sentAt ?? 0) - expected)).toBeLessThan(ACCURACY_MS);
  });

  it('is unknown where nothing was told, or nothing but emptiness', async () => {
    await tell('empty', 0, 1);

    expect(await oldest.sentAt([urlOf('empty'), urlOf('silent')])).toBeUndefined();
  });

  it('is a failure where CloudWatch does not answer', async () => {
    const nowhere = new CloudWatchClient({ ...emulator.client, endpoint: 'http://127.0.0.1:9', maxAttempts: 1 });

    await expect(new OldestMessage(nowhere, clock).sentAt([urlOf('events')])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
