import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openEd25519Signer } from '../../lib/adapters/keys/ed25519.ts';
import { readOrMake } from '../../lib/adapters/keys/key-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('is made once, for its owner alone, and kept', async () => {
  const path = join(folder, 'keys/own');

  const made = readOrMake(path, () => 'first');

  expect(readOrMake(path, () => 'second')).toEqual(made);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, 'keys'))).toEqual(['own']);
});

it('is one key for processes that begin at the same moment', async () => {
  const path = join(folder, 'report-signing-key.pem');
  const script = `import { openEd25519Signer } from ${JSON.stringify(join(import.meta.dirname, '../../lib/adapters/keys/ed25519.ts'))};
process.stdin.once('data', async () => { process.stdout.write(await openEd25519Signer(process.argv[1]).publicKey()); process.exit(0); });
process.stdout.write('.');`;
  const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script, path]));
  const said = children.map(async ({ stdout }) => {
    let text = '';
    for await (const chunk of stdout) text += chunk;
    return text.slice(1);
  });
  await Promise.all(children.map(({ stdout }) => once(stdout, 'readable')));

  for (const { stdin } of children) stdin.write('go');

  const keys = await Promise.all(said);
  const key = await openEd25519Signer(path).publicKey();
  expect(keys).toEqual([key, key, key, key]);
  expect(await readFile(path, 'utf8')).toContain('PRIVATE KEY');
});
