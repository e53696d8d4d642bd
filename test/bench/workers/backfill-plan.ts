/** The use-cases, the workflow loop and the stores of the embedded host: starts a backfill, or goes on with the one that a killed process left. */
import { openSync, writeSync } from 'node:fs';
import { SystemClock } from '../../../lib/adapters/system/clock.ts';
import { compose } from '../../../lib/local/compose.ts';
import { consoleLog } from '../../../lib/local/console-log.ts';
import { estimateBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { listBackfills } from '../../../lib/usecases/backfill/view.ts';
import type { BackfillPlanJob, PlanAnswer } from '../support/backfill-plan.ts';
import { jobOf, tell } from '../support/worker.ts';

const LOOK_EVERY_MS = 10;
/** As POST /backfill. */
const SAMPLE = { looks: 24, deadline: Number.POSITIVE_INFINITY };

const { config, databaseUrl, keys, journal } = jobOf<BackfillPlanJob>();
const clock = new SystemClock();
const { runtime, backfillLoop, steps, close } = await compose({ config, env: process.env, databaseUrl, clock, log: consoleLog('warn') });
const [route] = runtime.routes;
if (!route) throw new Error('one route');
const { link } = await runtime.link(route);

// Written at once: a process that is killed has told of each page that it asked for.
const file = openSync(journal, 'a');
let walks = false;
const note = (letter: string, count: number): void => {
  if (walks) writeSync(file, `${letter}${count}\n`);
};
backfillLoop.use((step, context) => {
  walks = step.action === 'walk';
  return steps(step, context);
});
for (const bucket of [link.source, link.destination]) {
  const list = bucket.list.bind(bucket);
  bucket.list = async (options) => {
    const page = await list(options);
    note('l', page.objects.length);
    return page;
  };
}
const getMany = runtime.state.getMany.bind(runtime.state);
runtime.state.getMany = (name, asked) => {
  note('c', asked.length);
  return getMany(name, asked);
};

if ((await backfillLoop.recover()) === 0) {
  const wanted = { route, prefix: '', mode: 'missing' } as const;
  await startBackfill(runtime, wanted, await estimateBackfill(runtime, wanted, SAMPLE));
}
let [view] = (await listBackfills(runtime, 1)).backfills;
while (view?.job.status === 'planning' || view?.job.status === 'running') {
  await clock.sleep(LOOK_EVERY_MS);
  [view] = (await listBackfills(runtime, 1)).backfills;
}
if (view?.job.status !== 'done' || view.progress.listed !== keys || view.progress.enqueued !== 0)
  throw new Error(`not all was listed, or some of it queued: ${JSON.stringify(view)}`);
close();
const answer: PlanAnswer = { ranges: view.progress.ranges.total };
await tell(answer);
process.exit(0);
