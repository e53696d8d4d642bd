/** `tidemark config check`. */

import { loadTidemark } from '../config/load.ts';
import type { Environment } from '../config/variable.ts';
import { asTidemarkError } from '../core/errors.ts';

/** Prints the configuration with every default in its place, or what is wrong. @returns the exit code: 0 or 2 */
export async function checkConfig(env: Environment): Promise<number> {
  try {
    const { config } = await loadTidemark(process.cwd(), env);
    process.stdout.write(`The configuration is right. With every default in its place:\n${JSON.stringify(config, null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`tidemark: ${asTidemarkError(error).message}\n`);
    return 2;
  }
}
