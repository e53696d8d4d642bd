import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const { bin }: { readonly bin: Readonly<Record<string, string>> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

// npx keeps the link that it made first: where that led to the TypeScript, it must still lead somewhere.
it.each([...Object.values(bin), 'bin/tidemark.ts'])('%s can be started by its path', (file) => {
  const path = join(ROOT, file);

  expect(readFileSync(path, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(statSync(path).mode & 0o111).toBe(0o111);
  expect(spawnSync(process.execPath, [path, 'events', '--help'], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^Usage: tidemark events/),
  });
});
