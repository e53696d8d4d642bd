/** npm run deploy: the CDK CLI's deploy, and then what to try. Arguments go to the CLI, as `-- --profile acme`. */
import { cdk, OUTPUTS, readOutputs } from './cdk.ts';
import { loadOwnApp } from './load-own.ts';
import { profileOf } from './shell.ts';
import { whatToTry } from './what-to-try.ts';
import { whenItFails } from './when-it-fails.ts';

const args = process.argv.slice(2);
const app = await loadOwnApp();
if (app) {
  process.exitCode = cdk('deploy', '--all', '--outputs-file', OUTPUTS, ...args);
  if (process.exitCode === 0) process.stdout.write(`\n${whatToTry(app.config, app.settings, readOutputs(), profileOf(args, process.env))}`);
  else process.stderr.write(`\n${whenItFails(app.config)}`);
}
