import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, type Plugin } from 'esbuild';

export const FUNCTIONS = ['replay', 'dead-letters', 'sweep', 'backfill', 'api', 'gateway', 'observer', 'seal'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

const LAMBDAS = join(import.meta.dirname, '../../lambdas');
const BUNDLED = join(import.meta.dirname, 'bundled');

/** Modules of a CommonJS package ask for `require`, which a module of ECMAScript does not have. */
const REQUIRE = "import{createRequire as tidemarkRequire}from'node:module';const require=tidemarkRequire(import.meta.url);";

/** undici brings its parser twice, an eighth of a bundle each: one of them is for processors that Lambda has none of. */
const oneParser: Plugin = {
  name: 'one-parser',
  setup: ({ onResolve }) => {
    onResolve({ filter: /\/llhttp-wasm\.js$/ }, ({ resolveDir }) => ({ path: join(resolveDir, '../llhttp/llhttp_simd-wasm.js') }));
  },
};

/** All at once, when this module is loaded: what they share is read once, every region's stack asks for them, and a construct cannot wait. */
const { outputFiles } = await build({
  entryPoints: Object.fromEntries(FUNCTIONS.map((name) => [name, join(LAMBDAS, name, 'index.ts')])),
  outdir: 'bundles',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  mainFields: ['module', 'main'],
  alias: { undici: join(BUNDLED, 'undici.mjs'), '@aws-sdk/credential-provider-node': join(BUNDLED, 'credentials.mjs') },
  plugins: [oneParser],
  banner: { js: REQUIRE },
  minify: true,
  legalComments: 'none',
  sourcemap: 'external',
  logLevel: 'error',
  write: false,
});

/**
 * One file with all that the function runs: its SDK is the one it was tested with, whatever the runtime brings.
 * @param directory for the bundle's folder; the source map lies beside it, and is not deployed
 * @returns the folder to deploy
 */
export function bundle(name: FunctionName, directory: string): string {
  const folder = join(directory, name);
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of outputFiles) {
    if (basename(path) === `${name}.mjs`) writeFileSync(join(folder, 'index.mjs'), contents);
    if (basename(path) === `${name}.mjs.map`) writeFileSync(join(directory, basename(path)), contents);
  }
  return folder;
}
