/** node test/simulation/find-planted.ts [part of a name]: where each planted bug shows first, to renew the list after the protocol moved on. */
import { runWith } from './plant.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';

const wanted = process.argv[2] ?? '';
for (const { name, edits } of PLANTED_BUGS) {
  if (!name.includes(wanted)) continue;
  const { output } = await runWith(edits, ['--schedules', '30000', '--seed', '1', '--quiet']);
  console.log(`${name}: ${/^seed .*$/m.exec(output)?.[0] ?? 'not found'}`);
}
