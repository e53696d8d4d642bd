/** npm run destroy: removes the stacks, and says what stays. Arguments go to the CLI. */
import { loadApp } from '../load.ts';
import { cdk, readOutputs } from './cdk.ts';
import { whatStays } from './what-stays.ts';

const { config } = await loadApp(process.cwd());
const stays = whatStays(config, readOutputs());
process.stdout.write(`${stays}\n`);
process.exitCode = cdk('destroy', '--all', ...process.argv.slice(2));
if (process.exitCode === 0) process.stdout.write(`\n${stays}`);
