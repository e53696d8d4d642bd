/** The use-case, the workflow loop and the stores of the embedded host, from the start of a verify to its signed report. */
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { compose } from '../../../lib/local/compose.ts';
import { consoleLog } from '../../../lib/local/console-log.ts';
import { estimateBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { viewVerify } from '../../../lib/usecases/verify/view.ts';
import { peakRssMibOf } from '../support/usage.ts';
import type { VerifyJob } from '../support/verify.ts';
import { jobOf, tell } from '../support/worker.ts';

const LOOK_EVERY_MS = 10;
/** As POST /verify. */
const SAMPLE = { looks: 4, deadline: Number.POSITIVE_INFINITY };

const { config, databaseUrl, objects } = jobOf<VerifyJob>();
const clock = new SystemClock();
const { runtime, close } = await compose({ config, env: process.env, databaseUrl, clock, log: consoleLog('warn') });
const [route] = runtime.routes;
if (!route) throw new Error('one route');
// What an endpoint can do is found out once for every process.
await runtime.link(route);

const cpu = process.cpuUsage();
const started = performance.now();
const wanted = { route, prefix: '', mode: 'verify' } as const;
const begun = await startBackfill(runtime, wanted, await estimateBackfill(runtime, wanted, SAMPLE));
if ('refused' in begun) throw new Error('it is the only one');
let view = await viewVerify(runtime, begun.job.id);
while (view?.job.status === 'planning' || view?.job.status === 'running') {
  await clock.sleep(LOOK_EVERY_MS);
  view = await viewVerify(runtime, begun.job.id);
}
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
if (view?.job.status !== 'done' || view.found.counts.equal !== objects) throw new Error(`not all are equal: ${JSON.stringify(view)}`);
close();
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);
