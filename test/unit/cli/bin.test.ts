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

// Ends at once: no such database can be opened. What is imported first tells how each of its processes was started.
function served(options: string): readonly string[] {
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: 'mysql://nowhere',
    NODE_OPTIONS: `${options} --import=data:text/javascript,console.error('FLAGS',...process.execArgv)`,
  };
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/tidemark.mjs'), 'serve'], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    env,
  });
  expect(status).not.toBe(0);
  return stderr.split('\n').filter((line) => line.startsWith('FLAGS'));
}

it('starts a host with a heap of its own measure', () => {
  const flags: readonly string[] = JSON.parse(readFileSync(join(ROOT, 'bin/host-flags.json'), 'utf8'));

  expect(served('')).toEqual(['FLAGS', `FLAGS ${flags.join(' ')}`]);
});

it('leaves the heap to who chose one', () => {
  expect(served('--max-semi-space-size=32')).toEqual(['FLAGS']);
});
