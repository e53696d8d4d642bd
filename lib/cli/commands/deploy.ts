/** `tidemark deploy`, `destroy` and `synth`: what the npm scripts of these names do, in this folder. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Command } from 'commander';
import { withExample } from '../api-command.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface Script {
  readonly name: string;
  readonly summary: string;
  readonly script: readonly string[];
}

const SCRIPTS: readonly Script[] = [
  { name: 'deploy', summary: 'make or update the stacks on AWS, and say what to try', script: ['lib/infra/commands/deploy.ts'] },
  { name: 'destroy', summary: 'remove the stacks, and say what stays', script: ['lib/infra/commands/destroy.ts'] },
  { name: 'synth', summary: 'write the templates into cdk.out; needs no account', script: ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet'] },
];

export function addDeploy(program: Command): void {
  for (const { name, summary, script } of SCRIPTS) {
    const command = program.command(name).description(summary).argument('[options...]', 'go to the CDK CLI').allowUnknownOption();
    withExample(command, `npx tidemark ${name} --profile acme`).action(async (options: readonly string[]) => {
      const [file = '', ...fixed] = script;
      const child = spawn(process.execPath, [join(ROOT, file), ...fixed, ...options], { stdio: 'inherit' });
      // The terminal tells both of Ctrl-C: how it ends is the child's affair.
      process.on('SIGINT', () => undefined);
      const [code]: (number | null)[] = await once(child, 'exit');
      process.exitCode = code ?? 1;
    });
  }
}
