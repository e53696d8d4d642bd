import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { streamObject } from '../../lib/usecases/stream-object.ts';
import { TransferGate } from '../../lib/usecases/transfer-gate.ts';
import { type FolderUnderTest, newFolder } from '../fixtures/folder.ts';

const run = promisify(execFile);

let source: FolderUnderTest;
let destination: FolderUnderTest;

beforeEach(async () => {
  source = await newFolder();
  destination = await newFolder();
});

afterEach(async () => {
  await source.dispose();
  await destination.dispose();
});

it('shows nothing of bytes that are not what the source says they are', async () => {
  const path = join(source.root, 'k.txt');
  await source.store.write('k.txt', Buffer.from('right'), {
    size: 5,
    like: { etag: '', size: 5, lastModified: 0, headers: {}, metadata: { kept: 'md5' } },
  });
  const times = join(source.base, 'times');
  await run('touch', ['-r', path, times]);
  await writeFile(path, 'wrong');
  // As a disk rots: other bytes, nothing else changed. To the nanosecond, which utimes cannot.
  await run('touch', ['-r', times, path]);
  const seen = await source.store.head('k.txt');
  if (!seen.present || seen.sight.md5 === undefined) throw new Error('the folder remembers the MD5 of what it wrote');

  const copied = streamObject(
    { source: source.store, destination: destination.store, serverSide: null, tags: true, gate: new TransferGate() },
    'k.txt',
    seen.sight,
    {},
  );

  await expect(copied).rejects.toMatchObject({ code: 'INTEGRITY' });
  expect((await destination.store.head('k.txt')).present).toBe(false);
});

it('lets large bodies through a few at a time, in the order they came', async () => {
  const gate = new TransferGate(10 * 1024 * 1024);
  const order: string[] = [];
  let finishFirst: () => void = () => undefined;
  const first = gate.run(8 * 1024 * 1024, () => {
    order.push('first');
    return new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
  });
  const second = gate.run(8 * 1024 * 1024, async () => void order.push('second'));
  const third = gate.run(1024 * 1024, async () => void order.push('third'));
  await gate.run(1024, async () => void order.push('small'));
  expect(order.toSorted()).toEqual(['first', 'small']);

  finishFirst();
  await Promise.all([first, second, third]);

  expect(order.slice(2)).toEqual(['second', 'third']);
});
