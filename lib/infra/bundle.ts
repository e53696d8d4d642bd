import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { buildSync, type OutputFile } from 'esbuild';

export const FUNCTIONS = ['replay', 'dead-letters', 'sweep', 'backfill', 'api'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const LAMBDAS = join(import.meta.dirname, '../../lambdas');
const BUNDLED = join(import.meta.dirname, 'bundled');

/** Modules of a CommonJS package ask for `require`, which a module of ECMAScript does not have. */
const REQUIRE = "import{createRequire as tidemarkRequire}from'node:module';const require=tidemarkRequire(import.meta.url);";

let built: readonly OutputFile[] | undefined;

/**
 * One file with all that the function runs: its SDK is the one it was tested with, whatever the runtime brings.
 * @param directory for the bundle's folder; the source map lies beside it, and is not deployed
 * @returns the folder to deploy
 */
export function bundle(name: FunctionName, directory: string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  built ??= build();
  for (const { path, contents } of built) {
    if (basename(path) === `${name}.mjs`) writeFileSync(join(folder, 'index.mjs'), contents);
    if (basename(path) === `${name}.mjs.map`) writeFileSync(join(directory, basename(path)), contents);
  }
  return folder;
}

/** All at once: what they share is read once, and every region's stack asks for them. */
function build(): readonly OutputFile[] {
  const { outputFiles } = buildSync({
    entryPoints: Object.fromEntries(FUNCTIONS.map((name) => [name, join(LAMBDAS, name, 'index.ts')])),
    outdir: 'bundles',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    alias: { undici: join(BUNDLED, 'undici.mjs'), '@aws-sdk/credential-provider-node': join(BUNDLED, 'credentials.mjs') },
    banner: { js: REQUIRE },
    minify: true,
    legalComments: 'none',
    sourcemap: 'external',
    logLevel: 'error',
    write: false,
  });
  return outputFiles;
}
