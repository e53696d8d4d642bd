import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TidemarkError } from '../core/errors.ts';
import { checkedConfig, isDefined } from './define.ts';
import { fromEnv, type Loaded } from './from-env.ts';
import { hostFromEnv } from './host.ts';
import type { Environment } from './variable.ts';

const FILE = 'tidemark.config.ts';

/**
 * tidemark.config.ts of `directory` where there is one, else the environment;
 * the host's own settings always come from the environment.
 * @throws TidemarkError INVALID_CONFIG
 */
export async function loadTidemark(directory: string, env: Environment): Promise<Loaded> {
  const path = resolve(directory, FILE);
  if (!existsSync(path)) return fromEnv(env);
  const host = hostFromEnv(env);
  const exported = await defaultExport(path);
  return { config: isDefined(exported) ? exported : checkedConfig(exported, FILE), host };
}

async function defaultExport(path: string): Promise<unknown> {
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (error) {
    if (error instanceof TidemarkError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new TidemarkError('INVALID_CONFIG', `${FILE} cannot be loaded: ${why}`, { path }, error);
  }
  if (loaded.default !== undefined) return loaded.default;
  throw new TidemarkError('INVALID_CONFIG', `${FILE} has no default export: write \`export default defineTidemark({ … })\``, { path });
}
