import { type LoadedApp, loadApp } from '../load.ts';

/**
 * The app of this folder. Never the example: its buckets are nobody's, and its stacks have the names that an app elsewhere may have.
 * @returns null where there is no tidemark.config.ts, which is said, and is the exit code
 * @throws TidemarkError INVALID_CONFIG
 */
export async function loadOwnApp(): Promise<LoadedApp | null> {
  const app = await loadApp(process.cwd());
  if (!app.isExample) return app;
  process.stderr.write(
    'There is no tidemark.config.ts here: write one first, as docs/deploy.md shows. The example is neither deployed nor destroyed.\n',
  );
  process.exitCode = 2;
  return null;
}
