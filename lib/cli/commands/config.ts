/** `tidemark config check`. */
import type { Command } from 'commander';
import { withExample } from '../api-command.ts';

export function addConfig(program: Command): void {
  const config = program.command('config').description('tidemark.config.ts of this folder, or the environment where there is none');
  withExample(
    config.command('check').description('say whether it is right, and show it with every default in its place; touches nothing else'),
    'npx tidemark config check',
  ).action(async () => {
    process.exitCode = await (await import('../../local/check-config.ts')).checkConfig(process.env);
  });
}
