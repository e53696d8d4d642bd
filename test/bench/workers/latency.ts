/**
 * Tidemark's own parts as the embedded host puts them together. The writer, another process, tells of each object after its PUT;
 * the event goes into the queue, and the time is taken when the record that says "applied" is durable, which is after the copy was proven.
 */
import { makeReplayHandler } from '../../../lambdas/replay/handler.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import type { ReplicationRecord } from '../../../lib/core/objects/record.ts';
import { compose } from '../../../lib/local/compose.ts';
import { consoleLog } from '../../../lib/local/console-log.ts';
import { withRoomForMany } from '../../../lib/local/heap.ts';
import { QueuePoller } from '../../../lib/local/queue-poller.ts';
import type { ReplicationState } from '../../../lib/ports/replication-state.ts';
import { type LatencyAnswer, type LatencyJob, monotonicMs, type Told } from '../support/latency.ts';
import { jobOf, tell } from '../support/worker.ts';

const { config, databaseUrl, objects } = jobOf<LatencyJob>();
const clock = new SystemClock();
const log = consoleLog('warn');
const { runtime, queue, close } = await compose({ config, env: process.env, databaseUrl, clock, log });
const [route] = runtime.routes;
if (!route) throw new Error('no route');

const dueAt = new Map<string, number>();
const latencies: [due: number, ms: number][] = [];
const finished = Promise.withResolvers<void>();

const state: ReplicationState = {
  get: (...args) => runtime.state.get(...args),
  getMany: (...args) => runtime.state.getMany(...args),
  put: async (record, expected) => {
    const stored = await runtime.state.put(record, expected);
    if (stored) note(record);
    return stored;
  },
};

function note({ key, applied, lease }: ReplicationRecord): void {
  const due = dueAt.get(key);
  if (due === undefined || applied?.kind !== 'object' || lease !== null) return;
  dueAt.delete(key);
  latencies.push([due, monotonicMs() - due]);
  if (latencies.length === objects) finished.resolve();
}

const { concurrency, lookSec } = config.limits;
const poller = new QueuePoller({ queue, handler: withRoomForMany(makeReplayHandler({ ...runtime, state })), clock, log, concurrency, lookSec });
// Found out before the first event, as a host that is up has.
await runtime.link(route);
poller.start();
process.on('message', (message) => {
  const told: readonly Told[] = JSON.parse(String(message));
  for (const { key, due } of told) dueAt.set(key, due);
  queue.send(told.map(({ body }) => ({ body }))).catch(finished.reject);
});
await tell('ready');
await finished.promise;
await poller.stop(AbortSignal.abort());
close();
const answer: LatencyAnswer = { latencies };
await tell(answer);
process.exit(0);
