/**
 * Tidemark's own parts as the embedded host puts them together, asked for a backfill of what is missing: timed from that request to the last
 * object that is told as done. Without the host's scheduler, whose first reconcile would copy everything before anyone asks; what the stores
 * can do is found out before, as that reconcile would.
 */
import { makeApiHandler } from '../../../lambdas/api/handler.ts';
import { makeReplayHandler } from '../../../lambdas/replay/handler.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { compose } from '../../../lib/local/compose.ts';
import { consoleLog } from '../../../lib/local/console-log.ts';
import { withRoomForMany } from '../../../lib/local/heap.ts';
import { startHttpServer } from '../../../lib/local/http-server.ts';
import { QueuePoller } from '../../../lib/local/queue-poller.ts';
import type { BackfillJob } from '../support/backfilled.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

/** Each question costs this process a millisecond: it is asked often when the end is near alone. */
const LOOK_EVERY_MS = 250;
const LOOK_OFTEN_MS = 25;
const NEAR = 0.9;

interface Shown {
  readonly id: string;
  readonly status: string;
  readonly enqueued: number;
  readonly done: number;
  readonly failed: number;
}

const { config, databaseUrl, objects } = jobOf<BackfillJob>();
const clock = new SystemClock();
const log = consoleLog('warn');
const { runtime, queue, close } = await compose({ config, env: process.env, databaseUrl, clock, log });
const { concurrency, lookSec } = config.limits;
const server = await startHttpServer({ port: 0, host: '127.0.0.1', handler: makeApiHandler(runtime), reports: runtime.reports, clock, log });
const poller = new QueuePoller({ queue, handler: withRoomForMany(makeReplayHandler(runtime)), clock, log, concurrency, lookSec });
poller.start();
for (const route of config.routes) await runtime.link(route);

const cpu = process.cpuUsage();
const started = performance.now();
const { id } = await ask('/backfill', { srcRegion: 'primary', dstRegion: 'secondary', mode: 'missing' });
let shown = await ask(`/backfill/${id}`);
while (shown.status !== 'done' || shown.done + shown.failed < shown.enqueued) {
  if (shown.status === 'failed') throw new Error(`the backfill failed: ${JSON.stringify(shown)}`);
  await new Promise((resolve) => setTimeout(resolve, shown.done < NEAR * objects ? LOOK_EVERY_MS : LOOK_OFTEN_MS));
  shown = await ask(`/backfill/${id}`);
}
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);

if (shown.done !== objects) throw new Error(`of ${objects} objects only ${shown.done} are done: ${JSON.stringify(shown)}`);
await poller.stop(AbortSignal.abort());
await server.stop(AbortSignal.abort());
close();
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);

async function ask(path: string, body?: object): Promise<Shown> {
  const request = body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, request);
  if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${await answer.text()}`);
  const shown: Shown = JSON.parse(await answer.text());
  return shown;
}
