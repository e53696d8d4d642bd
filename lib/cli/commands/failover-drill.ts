/** `tidemark failover drill`: a failover and back, asked for on a quiet day. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { type ApiOptions, apiCommand, ending } from '../api-command.ts';
import type { FailoverView } from '../api-types.ts';
import { assertCalm, type Rehearsed, rehearse } from '../drill/rehearse.ts';
import { CliError, EXIT, type ExitCode } from '../exit.ts';
import { gatewayOf } from '../objects/gateway.ts';
import { wordsFor } from '../problem.ts';
import { clearProgress, columns, interruption, note, print, printJson } from '../terminal.ts';
import { drillText } from '../views/drill-text.ts';

interface DrillOptions extends ApiOptions {
  readonly yes?: boolean;
}

export function addDrill(failover: Command): void {
  apiCommand(
    failover,
    'drill',
    'rehearse: promote the other region, see that it takes writes, and fail back. Exits with 3 when a step fails',
    'npx tidemark failover drill --yes',
  )
    .option('--yes', 'begin without asking')
    .action(ending(drill));
}

async function drill({ yes, ...options }: DrillOptions): Promise<ExitCode> {
  const gateway = await gatewayOf(options);
  const state = await gateway.api.get<FailoverView>('/admin/state');
  assertCalm(state);
  if (!yes && !(await isWanted(state))) {
    note('Nothing was begun.');
    return EXIT.ok;
  }
  const signal = interruption();
  const rehearsed = await rehearse(gateway, state, signal);
  clearProgress();
  const { failed, ...told } = rehearsed;
  if (options.json) printJson(told);
  else print(drillText(rehearsed, columns()));
  if (failed === undefined) return EXIT.ok;
  note(signal.aborted ? `Ended by Ctrl-C. ${wayBack(rehearsed, state)}` : `tidemark: ${wordsFor(failed)}\n${wayBack(rehearsed, state)}`);
  return signal.aborted ? EXIT.interrupted : EXIT.differences;
}

async function isWanted({ first, replica }: FailoverView): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CliError('A drill asks before it begins, and nobody is there to answer. Give --yes.', EXIT.usage);
  note(`This makes ${replica} active, and then ${first} again. Both times writes rest for as long as a lease runs (leaseSec, 10 s unless it is`);
  note('configured): they are refused with 503 and Retry-After. Reads go on. A small object of its own is written and removed at both.');
  const line = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await line.question('Begin? [y/N] ')).trim());
  } finally {
    line.close();
  }
}

function wayBack({ active }: Rehearsed, { first }: FailoverView): string {
  if (active === first) return `${first} is active, as before: there is nothing to undo.`;
  const back = `To go back to ${first}: tidemark failover failback`;
  return active === null ? `Nobody knows here which region is active now: tidemark failover status. ${back}` : `${active} is active. ${back}`;
}
