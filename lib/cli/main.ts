/** From arguments to an exit code. */
import { setImmediate } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { CliError, EXIT } from './exit.ts';
import { problemOf, wordsFor } from './problem.ts';
import { makeProgram } from './program.ts';
import { note, noteJson } from './terminal.ts';

/** @param args those behind the program's name @returns the exit code; whatever went wrong was said */
export async function main(args: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endWith);
  const isJson = asksForJson(args);
  try {
    await makeProgram(isJson).parseAsync(args, { from: 'user' });
    await flushed();
    // What could not be written tells so in a moment, to `endWith`.
    await setImmediate();
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    if (isJson) noteJson(problemOf(error));
    // Commander has said itself what is wrong.
    else if (!(error instanceof CommanderError)) note(`tidemark: ${wordsFor(error)}`);
    if (error instanceof CommanderError) return EXIT.usage;
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

/** The process ends right after it, and whoever reads slowly has not taken all yet. */
async function flushed(): Promise<void> {
  if (process.stdout.writableLength === 0) return;
  await new Promise<void>((resolve) => void process.stdout.write('', () => resolve()));
}

/** Also where the words around it cannot be parsed. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? args.length : end).includes('--json');
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
