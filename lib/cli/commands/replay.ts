/** `tidemark replay`: works off now what waits, whether or not its backoff is over. */
import type { Command } from 'commander';
import type { RunResult } from '../../usecases/run-replay.ts';
import { type ApiOptions, apiCommand, clientOf, ending, wholeNumber } from '../api-command.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { note, printJson } from '../terminal.ts';
import { replayLines } from '../views/replay-text.ts';

export function addReplay(program: Command): void {
  apiCommand(
    program,
    'replay',
    'try now what waits for its next attempt. Exits with 1 when any of it failed for good',
    'npx tidemark replay --limit 100',
  )
    .option('--limit <n>', 'keys at most', wholeNumber(1, 1000), 50)
    .action(
      ending(async ({ limit, ...options }: ApiOptions & { readonly limit: number }): Promise<ExitCode> => {
        const client = await clientOf(options);
        const result = await client.post<RunResult>('/replay/run', { limit });
        if (options.json) printJson(result);
        else {
          for (const line of replayLines(result)) note(line);
        }
        return result.error > 0 ? EXIT.failed : EXIT.ok;
      }),
    );
}
