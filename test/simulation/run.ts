/** npm run simulate -- --schedules N [--seed S] [--bidirectional | --gateway | --log | --archive] */
import { parseArgs } from 'node:util';
import { type Mode, runOne, runSchedules } from './run-schedules.ts';
import { shrink } from './shrink.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    quiet: { type: 'boolean', default: false },
    bidirectional: { type: 'boolean', default: false },
    gateway: { type: 'boolean', default: false },
    log: { type: 'boolean', default: false },
    archive: { type: 'boolean', default: false },
  },
});
// Nobody reads the stacks of errors that schedules make, and they cost more than the rest.
Error.stackTraceLimit = 1;
const schedules = Number(values.schedules);
const first = Number(values.seed);
if (!Number.isSafeInteger(schedules) || schedules < 1 || !Number.isSafeInteger(first)) {
  console.error('usage: npm run simulate -- --schedules N [--seed S] [--bidirectional | --gateway | --log | --archive]   (whole numbers, N ≥ 1)');
  process.exit(2);
}

// Loaded where they run: most runs are short, to find one planted bug.
if (values.gateway) await run((await import('./gateway/mode.ts')).GATEWAY);
else if (values.log) await run((await import('./log/mode.ts')).LOG);
else if (values.archive) await run((await import('./archive/mode.ts')).ARCHIVE);
else {
  const { BIDIRECTIONAL, ONE_WAY } = await import('./modes.ts');
  await (values.bidirectional ? run(BIDIRECTIONAL) : run(ONE_WAY));
}

async function run<S>(mode: Mode<S>): Promise<void> {
  const started = performance.now();
  let told = started;
  const { found, steps, ran } = await runSchedules(mode, first, schedules, 1, (done) => {
    if (values.quiet || performance.now() - told < 10_000) return;
    told = performance.now();
    console.log(`${done} schedules, ${Math.round((done / (told - started)) * 1000)}/s`);
  });
  const seconds = (performance.now() - started) / 1000;
  console.log(`${ran} schedules, ${steps} steps, ${seconds.toFixed(1)} s, ${Math.round(ran / seconds)} schedules/s, ${found.length} violations`);

  const [failure] = found;
  const violation = failure?.outcome.violations[0];
  if (failure && violation) {
    console.log(`\nseed ${failure.seed} violates ${violation.invariant}: ${violation.what}`);
    if (!values.quiet) {
      const small = await shrink(mode, failure.scenario, failure.seed, violation.invariant);
      console.log(`\nshrunk to ${JSON.stringify(small.scenario, null, 1)}\nschedule seed ${small.scheduleSeed}\n`);
      const outcome = await runOne(mode, small.scenario, small.scheduleSeed, console.log);
      for (const { invariant, what } of outcome.violations) console.log(`\n${invariant}: ${what}`);
    }
    process.exitCode = 1;
  }
}
