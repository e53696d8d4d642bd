/** Tidemark's own parts as the embedded host puts them together, from the first message taken to the last one acknowledged. */
import { makeReplayHandler } from '../../../lambdas/replay/handler.ts';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { compose } from '../../../lib/local/compose.ts';
import { consoleLog } from '../../../lib/local/console-log.ts';
import { withRoomForMany } from '../../../lib/local/heap.ts';
import { QueuePoller } from '../../../lib/local/queue-poller.ts';
import { peakRssMibOf } from '../support/usage.ts';
import type { WholePathJob } from '../support/whole-path.ts';
import { jobOf, tell } from '../support/worker.ts';

const LOOK_EVERY_MS = 20;

const { config, databaseUrl, objects } = jobOf<WholePathJob>();
const clock = new SystemClock();
const log = consoleLog('warn');
const { runtime, queue, close } = await compose({ config, env: process.env, databaseUrl, clock, log });
const { concurrency, lookSec } = config.limits;
const poller = new QueuePoller({ queue, handler: withRoomForMany(makeReplayHandler(runtime)), clock, log, concurrency, lookSec });

const cpu = process.cpuUsage();
const started = performance.now();
poller.start();
for (;;) {
  const { waiting, inFlight } = await queue.stats();
  if (waiting + inFlight === 0) break;
  await clock.sleep(LOOK_EVERY_MS);
}
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);

const { counts } = await runtime.index.stats();
if (counts.done !== objects) throw new Error(`of ${objects} events only ${counts.done} are done: ${JSON.stringify(counts)}`);
await poller.stop(AbortSignal.abort());
close();
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);
