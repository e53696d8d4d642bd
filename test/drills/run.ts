/** npm run drill [-- name…] [--short] [--no-docs] */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineRows } from '../bench/support/machine.ts';
import { replaceBlock, table } from '../bench/support/render.ts';
import { DRILLS } from './cases/index.ts';
import { markdownOf } from './support/render.ts';

const DOCUMENT = join(import.meta.dirname, '../../docs/drills.md');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, 'no-docs': { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !DRILLS.some((drill) => drill.name === name));
if (unknown.length > 0) {
  say(`usage: npm run drill [-- name…] [--short] [--no-docs]\nnames: ${DRILLS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}
const form = values.short ? 'short' : 'full';
const keeps = form === 'full' && !values['no-docs'];
// A signal alone would leave the servers running: what ends them waits for an orderly exit.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

for (const drill of DRILLS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
  try {
    const outcome = await drill.run(form);
    const text = markdownOf(drill, outcome, new Date());
    say(`\n## ${drill.name}\n\n${text}\n`);
    for (const each of [...outcome.failures, ...outcome.broken]) say(each);
    if (outcome.broken.length > 0) process.exitCode = 1;
    else if (keeps) keep(drill.name, text);
  } catch (error) {
    // The others still have something to tell.
    say(`${drill.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
process.exit();

function keep(name: string, text: string): void {
  const document = replaceBlock(readFileSync(DOCUMENT, 'utf8'), `drill:${name}`, text);
  writeFileSync(DOCUMENT, replaceBlock(document, 'drill:machine', table(['', ''], machineRows()).join('\n')));
}
