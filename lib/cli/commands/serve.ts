/** `tidemark serve`. */
import type { Command } from 'commander';
import { withExample } from '../api-command.ts';

export function addServe(program: Command): void {
  withExample(
    program.command('serve').description('run the embedded host: replicate, and answer the API on PORT (8111)'),
    'PORT=8111 npx tidemark serve',
  ).action(async () => {
    process.exitCode = await (await import('../../local/serve.ts')).serve(process.env);
  });
}
