import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FolderTableFiles } from '../../lib/adapters/filesystem/table-files.ts';
import { MemoryTableFiles } from '../fixtures/memory-table-files.ts';
import { tableFilesContract } from './table-files.ts';

tableFilesContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-table-'));
  const table = join(folder, 'tables', 'a stream');
  return { files: new FolderTableFiles(table), others: new FolderTableFiles(table), dispose: () => rm(folder, { recursive: true }) };
});

tableFilesContract('memory, for tests', async () => {
  const files = new MemoryTableFiles();
  return { files, others: files, dispose: () => undefined };
});

it('leaves no part of a file behind that could not be written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-table-'));
  const files = new FolderTableFiles(folder);
  await files.put('metadata/v1.metadata.json', Buffer.from('one'), 'absent');
  await files.put('metadata/v1.metadata.json', Buffer.from('two'), 'absent');

  expect(await readdir(join(folder, 'metadata'))).toEqual(['v1.metadata.json']);
  await rm(folder, { recursive: true });
});
