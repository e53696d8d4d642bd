/** npm run deploy: the CDK CLI's deploy, and then what to try. Arguments go to the CLI, as `-- --profile acme`. */
import { loadApp } from '../load.ts';
import { cdk, OUTPUTS, readOutputs } from './cdk.ts';
import { whatToTry } from './what-to-try.ts';

const { config, settings, isExample } = await loadApp(process.cwd());
if (isExample) {
  process.stderr.write(
    "There is no tidemark.config.ts: write one first, as docs/deploy.md shows. The example is not deployed: its buckets are nobody's.\n",
  );
  process.exitCode = 2;
} else {
  process.exitCode = cdk('deploy', '--all', '--outputs-file', OUTPUTS, ...process.argv.slice(2));
  if (process.exitCode === 0) process.stdout.write(`\n${whatToTry(config, settings, readOutputs())}`);
}
