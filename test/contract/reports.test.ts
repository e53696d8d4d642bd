import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderReports } from '../../lib/adapters/filesystem/reports.ts';
import { openEd25519Signer } from '../../lib/adapters/keys/ed25519.ts';
import { reportStoreContract, signerContract } from './reports.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-reports-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

reportStoreContract('a folder', async () => ({ reports: new FolderReports(join(folder, 'reports')), dispose: () => undefined }));
signerContract('Ed25519', async () => openEd25519Signer(join(folder, 'key.pem')));

it('keeps its key, for its owner alone, from one start to the next', async () => {
  const path = join(folder, 'data', 'key.pem');
  const first = await openEd25519Signer(path).publicKey();

  expect(await openEd25519Signer(path).publicKey()).toBe(first);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it.each([
  ['no key at all', 'nonsense'],
  ['a key of another kind', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIA==\n-----END PRIVATE KEY-----\n'],
])('refuses %s, and makes no new one in its place', async (_what, text) => {
  const path = join(folder, 'key.pem');
  await writeFile(path, text);
  await chmod(path, 0o600);

  expect(() => openEd25519Signer(path)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining(path) }));
});

it('leaves no part of a file behind, and lets nobody else read', async () => {
  const reports = new FolderReports(folder);
  await reports.put('job/report.jsonl', 3, Buffer.from('{}\n'));

  expect(await readdir(join(folder, 'job'))).toEqual(['report.jsonl']);
  expect((await stat(join(folder, 'job/report.jsonl'))).mode & 0o777).toBe(0o600);
});

it('keeps reports for as long as it is told, and those of a comparison together', async () => {
  const reports = new FolderReports(join(folder, 'reports'));
  expect(await reports.removeOlder(Date.now())).toBe(0);
  for (const job of ['old', 'new']) {
    await reports.put(`${job}/differences/000000-000000.jsonl`, 3, Buffer.from('{}\n'));
    await reports.put(`${job}/report.jsonl`, 3, Buffer.from('{}\n'));
  }
  await utimes(join(folder, 'reports', 'old'), 1_000, 1_000);

  expect(await reports.removeOlder(Date.now() - 60_000)).toBe(1);
  expect(await reports.read('old/differences/000000-000000.jsonl')).toBeNull();
  expect(await readdir(join(folder, 'reports'))).toEqual(['new']);
});
