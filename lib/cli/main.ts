/** From arguments to an exit code. */
import { setImmediate } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { asTidemarkError } from '../core/errors.ts';
import { CliError, EXIT } from './exit.ts';
import { makeProgram } from './program.ts';
import { note } from './terminal.ts';

/** @param args those behind the program's name @returns the exit code; whatever went wrong was said */
export async function main(args: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endWith);
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
    // What could not be written tells so in a moment, to `endWith`.
    await setImmediate();
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    // It has said itself what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    note(`tidemark: ${wordsFor(error)}`);
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

function wordsFor(error: unknown): string {
  if (error instanceof CliError) return error.message;
  const { code, message, fix, stack } = asTidemarkError(error);
  // These say in their message what to do; of what nobody foresaw, the place matters.
  if (code === 'INVALID_CONFIG' || code === 'INVALID_INPUT') return message;
  return code === 'INTERNAL' ? `${stack}\n${fix}` : `${message}. ${fix}`;
}

/** Whoever reads the output may have seen enough (`| head`): nobody is left to tell. Anything else lost the results, as a full disk does. */
function endWith(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  try {
    note(`tidemark: the output cannot be written (${error.code ?? error.message}). Make room, or write it somewhere else, then do it again.`);
  } finally {
    process.exit(EXIT.failed);
  }
}
