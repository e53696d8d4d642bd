import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TidemarkError } from '../core/errors.ts';
import { checkedConfig, isDefined } from './define.ts';
import { fromEnv, type Loaded, type LoadOptions } from './from-env.ts';
import { GATEWAY_PORT, hostFromEnv } from './host.ts';
import type { Environment } from './variable.ts';

const FILE = 'tidemark.config.ts';

/**
 * tidemark.config.ts of `directory` where there is one, else the environment;
 * the host's own settings always come from the environment.
 * @throws TidemarkError INVALID_CONFIG
 */
export async function loadTidemark(directory: string, env: Environment, options: LoadOptions = {}): Promise<Loaded> {
  const path = resolve(directory, FILE);
  if (!existsSync(path)) return fromEnv(env, options);
  const host = hostFromEnv(env, options.gatewayAlone ? GATEWAY_PORT : undefined);
  const exported = await defaultExport(path);
  const config = isDefined(exported) ? exported : checkedConfig(exported, FILE);
  if (options.gatewayAlone && !config.gateway) {
    throw new TidemarkError('INVALID_CONFIG', `gateway: ${FILE} has none. Add \`gateway: {}\` beside a route with bidirectional: true`, { path });
  }
  return { config, host };
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
