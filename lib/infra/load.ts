import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TidemarkConfig } from '../config/config.ts';
import { loadTidemark } from '../config/load.ts';
import { EXAMPLE } from './example.ts';
import { type AwsSettings, checkedSettings, DEFAULT_SETTINGS } from './settings.ts';

export interface LoadedApp {
  readonly config: TidemarkConfig;
  readonly settings: AwsSettings;
  /** True where there is no tidemark.config.ts. */
  readonly isExample: boolean;
}

/**
 * tidemark.config.ts of `directory`: its default export, and its export `aws`. The example where there is none.
 * @throws TidemarkError INVALID_CONFIG
 */
export async function loadApp(directory: string): Promise<LoadedApp> {
  const path = resolve(directory, 'tidemark.config.ts');
  if (!existsSync(path)) return { config: EXAMPLE, settings: DEFAULT_SETTINGS, isExample: true };
  // The embedded host's variables are none of this app's.
  const { config } = await loadTidemark(directory, {});
  const exported: { readonly aws?: unknown } = await import(pathToFileURL(path).href);
  return { config, settings: checkedSettings(exported.aws ?? {}, Object.keys(config.regions)), isExample: false };
}
