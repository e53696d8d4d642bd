#!/usr/bin/env node
/** The command line. What it cannot understand ends with 2, what it cannot do with 1. */
import { asTidemarkError } from '../lib/core/errors.ts';

const USAGE = `Usage: tidemark <command>

  serve          replicate between the configured regions, with the API on PORT (8111)
  config check   say whether the configuration is right, and what it means

Configuration: tidemark.config.ts in this directory, or environment variables; see README.md.
`;

async function main(args: readonly string[]): Promise<number> {
  const command = args.join(' ');
  // Loaded when asked for: the usage needs none of it.
  if (command === 'serve') return (await import('../lib/local/serve.ts')).serve(process.env);
  if (command === 'config check') return (await import('../lib/local/check-config.ts')).checkConfig(process.env);
  const asked = ['help', '--help', '-h'].includes(command);
  (asked ? process.stdout : process.stderr).write(USAGE);
  return asked ? 0 : 2;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  const { code, message, fix, stack } = asTidemarkError(error);
  process.stderr.write(code === 'INTERNAL' ? `${stack}\n${fix}\n` : `tidemark: ${message}\n`);
  process.exit(1);
}
