/** node test/simulation/find-planted.ts [part of a name]: where each planted bug shows first, to renew the list after the protocol moved on. */
import { runWith } from './plant.ts';
import { argsFor } from './planted-bug.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

const wanted = process.argv[2] ?? '';
for (const planted of PLANTED_BUGS) {
  const { name, edits } = planted;
  if (!name.includes(wanted)) continue;
  const { output } = await runWith(edits, argsFor(planted, 30_000, 1));
  console.log(`${name}: ${/^seed .*$/m.exec(output)?.[0] ?? 'not found'}`);
}
