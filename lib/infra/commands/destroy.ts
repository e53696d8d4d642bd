/** npm run destroy: removes the stacks, and says what stays. Arguments go to the CLI. */
import { cdk, readOutputs } from './cdk.ts';
import { loadOwnApp } from './load-own.ts';
import { profileOf } from './shell.ts';
import { whatStays } from './what-stays.ts';

const args = process.argv.slice(2);
const app = await loadOwnApp();
if (app) {
  const stays = whatStays(app.config, app.settings, readOutputs(), profileOf(args, process.env));
  process.stdout.write(`${stays}\n`);
  process.exitCode = cdk('destroy', '--all', ...args);
  if (process.exitCode === 0) process.stdout.write(`\n${stays}`);
}
