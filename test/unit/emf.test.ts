/** The lines that functions write for CloudWatch: its embedded metric format, held against the format's own rules. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { MOST_VALUES } from '../../lambdas/shared/emf.ts';
import { EmfMeter } from '../../lambdas/shared/emf-meter.ts';
import { publishGauges } from '../../lambdas/shared/publish-gauges.ts';
import { HandlerWorld, notification } from '../fixtures/handler-world.ts';

/** As the specification of the format has it: each name of a dimension and of a metric is a member of the line. */
const line = z
  .looseObject({
    _aws: z.strictObject({
      Timestamp: z.int(),
      CloudWatchMetrics: z
        .array(
          z.strictObject({
            Namespace: z.string().min(1),
            Dimensions: z.array(z.array(z.string()).max(30)),
            Metrics: z.array(z.strictObject({ Name: z.string().min(1), Unit: z.enum(['Count', 'Bytes', 'Seconds']) })).max(100),
          }),
        )
        .min(1),
    }),
  })
  .superRefine(({ _aws, ...members }, context) => {
    for (const { Dimensions, Metrics } of _aws.CloudWatchMetrics) {
      for (const name of Dimensions.flat()) if (typeof members[name] !== 'string') context.addIssue(`no dimension ${name}`);
      for (const { Name } of Metrics) {
        const values = [members[Name]].flat();
        if (values.length > MOST_VALUES || !values.every((value) => typeof value === 'number')) context.addIssue(`no metric ${Name}`);
      }
    }
  });

let world: HandlerWorld;
let lines: string[];
let meter: EmfMeter;
const write = (text: string): void => void lines.push(text);
const told = (): readonly z.infer<typeof line>[] => lines.map((text) => line.parse(JSON.parse(text)));

beforeEach(async () => {
  lines = [];
  world = await HandlerWorld.create({
    limits: { maxRetries: 1 },
    instead: ({ clock }) => {
      meter = new EmfMeter('acme-primary', clock, write);
      return { meter };
    },
  });
});
afterEach(() => world.dispose());

describe('a call', () => {
  it('is one line, of what it did', async () => {
    for (const key of ['a', 'b', 'c']) {
      await world.put(key, `text of ${key}`);
      await world.queue.send([{ body: JSON.stringify(notification(key)) }]);
    }
    await world.queue.send([{ body: JSON.stringify(notification('never-there')) }]);
    await world.drain();

    meter.flush();

    expect(told()).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'Tidemark',
              Dimensions: [['Stack']],
              Metrics: [
                { Name: 'Done', Unit: 'Count' },
                { Name: 'Failed', Unit: 'Count' },
                { Name: 'FailedAttempts', Unit: 'Count' },
                { Name: 'Bytes', Unit: 'Bytes' },
                { Name: 'ReplicationTime', Unit: 'Seconds' },
              ],
            },
          ],
        },
        Stack: 'acme-primary',
        Done: 3,
        Failed: 1,
        FailedAttempts: 1,
        Bytes: 27,
        ReplicationTime: [expect.any(Number), expect.any(Number), expect.any(Number)],
      },
    ]);
  });

  it('that did nothing says nothing, and nothing is said twice', async () => {
    meter.flush();
    await world.put('a', 'text');
    await world.queue.send([{ body: JSON.stringify(notification('a')) }]);
    await world.drain();
    meter.flush();
    meter.flush();

    expect(lines).toHaveLength(1);
  });

  it('counts what cannot be read as failed', async () => {
    await world.queue.send([{ body: 'nonsense' }]);
    await world.drain();

    meter.flush();

    expect(told()).toMatchObject([{ Failed: 1, FailedAttempts: 1 }]);
  });

  it('tells no more values of a metric than a line may hold', () => {
    const durationsMs = Array.from({ length: 150 }, (_, n) => n);
    meter.look({ route: 'r', done: 150, errors: 0, objects: 150, bytes: 1, durationsMs });

    meter.flush();

    expect(told()).toMatchObject([{ Done: 150, ReplicationTime: { length: MOST_VALUES } }]);
  });
});

describe('every minute', () => {
  it('each route says how far behind it is, for itself and for its stack', async () => {
    await world.call('POST', '/events/ingest', { events: [{ op: 'PUT', key: 'a', ts: 1, srcRegion: 'primary', dstRegion: 'secondary' }] });
    await world.runtime.deletes.pause('primary-secondary', world.clock.now());
    world.clock.advance(120_000);

    await publishGauges({ ...world.runtime, canaries: new Map([['primary-secondary', 1_500]]) }, 'acme-primary', write);

    expect(told()).toMatchObject([
      {
        _aws: { CloudWatchMetrics: [{ Dimensions: [['Stack'], ['Stack', 'Route']] }] },
        Stack: 'acme-primary',
        Route: 'primary-secondary',
        OldestErrorAge: 0,
        DeletesPaused: 1,
        CanaryDelay: 1.5,
      },
    ]);
    expect(Number(told()[0]?.ReplicationLag)).toBeGreaterThanOrEqual(120);
  });
});
