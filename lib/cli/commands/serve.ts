/** `tidemark serve`. */
import type { Command } from 'commander';
import { withExample } from '../api-command.ts';

export function addServe(program: Command): void {
  withExample(
    program.command('serve').description('run the embedded host: replicate, and answer the API on PORT (8111)'),
    'PORT=8111 npx tidemark serve',
  )
    .option('--gateway', 'the gateway alone, on PORT (8110): reads and writes objects; a host with the same DATABASE_URL replicates them')
    .action(async ({ gateway = false }: { gateway?: boolean }) => {
      process.exitCode = await (await import('../../local/serve.ts')).serve(process.env, { gatewayAlone: gateway });
    });
}
