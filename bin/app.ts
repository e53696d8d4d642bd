#!/usr/bin/env node
/** The CDK app: what `npm run synth` and `npm run deploy` run. Needs no account to be synthesised. */
import { asTidemarkError } from '../lib/core/errors.ts';
import { buildApp } from '../lib/infra/build-app.ts';
import { loadApp } from '../lib/infra/load.ts';

try {
  const { config, settings, isExample } = await loadApp(process.cwd());
  if (isExample) process.stderr.write('There is no tidemark.config.ts: this is the example of lib/infra/example.ts.\n');
  buildApp({ config, settings }).synth();
} catch (error) {
  const { code, message, stack } = asTidemarkError(error);
  process.stderr.write(code === 'INTERNAL' ? `${stack}\n` : `tidemark: ${message}\n`);
  process.exitCode = 1;
}
