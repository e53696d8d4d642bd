/** npm run bench [-- name…] [--scale small|full] [--profile] [--no-docs] */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHES } from './benches/index.ts';
import { machineRows } from './support/machine.ts';
import { markdownOf, replaceBlock, table } from './support/render.ts';
import { type Bench, type BenchResult, SCALES } from './support/result.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'data/bench');
const DOCUMENT = join(ROOT, 'docs/benchmarks.md');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scale: { type: 'string', default: 'full' },
    profile: { type: 'boolean', default: false },
    'no-docs': { type: 'boolean', default: false },
  },
});
const scale = SCALES.find((known) => known === values.scale);
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (scale === undefined || unknown.length > 0) {
  say(`usage: npm run bench [-- name…] [--scale ${SCALES.join('|')}] [--profile] [--no-docs]\nnames: ${BENCHES.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

/** Only a full run says anything that is worth keeping. */
const keeps = scale === 'full' && !values['no-docs'] && !values.profile;
const chosen = BENCHES.filter(({ name, onlyByName }) => (positionals.length === 0 ? !onlyByName : positionals.includes(name)));
mkdirSync(RESULTS, { recursive: true });
// A signal alone would leave the servers running: what ends them waits for an orderly exit.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));
for (const bench of chosen) {
  try {
    record(bench, await bench.run({ scale, profile: values.profile, say }));
  } catch (error) {
    // The others still have something to tell.
    say(`${bench.name} failed: ${error instanceof Error ? error.stack : String(error)}`);
    process.exitCode = 1;
  }
}
process.exit();

function record(bench: Bench, result: BenchResult): void {
  const at = new Date();
  const machine = machineRows();
  const text = markdownOf(bench.name, scale ?? 'full', at, result);
  say(`\n## ${result.title}\n\n${text}\n`);
  writeFileSync(join(RESULTS, `${bench.name}.json`), `${JSON.stringify({ bench: bench.name, scale, at, machine, ...result }, null, 2)}\n`);
  if (!keeps) return;
  const document = replaceBlock(readFileSync(DOCUMENT, 'utf8'), `bench:${bench.name}`, text);
  writeFileSync(DOCUMENT, replaceBlock(document, 'bench:machine', table(['', ''], machine).join('\n')));
}
