/** `tidemark config check`. */
import type { Command } from 'commander';
import { ending, withExample } from '../api-command.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { problemOf, wordsFor } from '../problem.ts';
import { note, noteJson, print, printJson } from '../terminal.ts';

export function addConfig(program: Command): void {
  const config = program.command('config').description('tidemark.config.ts of this folder, or the environment where there is none');
  withExample(
    config.command('check').description('say whether it is right, and show it with every default in its place; touches nothing else'),
    'npx tidemark config check',
  )
    .option('--json', 'answer with the configuration alone, or with what is wrong, as JSON')
    .action(ending(async ({ json = false }: { readonly json?: boolean }) => checkConfig(json)));
}

/** @returns 0, or 2 where it is wrong, as for a wrong option */
async function checkConfig(json: boolean): Promise<ExitCode> {
  const { loadTidemark } = await import('../../config/load.ts');
  try {
    const { config } = await loadTidemark(process.cwd(), process.env);
    if (json) printJson(config);
    else print(`The configuration is right. With every default in its place:\n${JSON.stringify(config, null, 2)}\n`);
    return EXIT.ok;
  } catch (error) {
    if (json) noteJson(problemOf(error));
    else note(`tidemark: ${wordsFor(error)}`);
    return EXIT.usage;
  }
}
