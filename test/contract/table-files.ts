/** What every store of a table's files must do. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TableFiles } from '../../lib/ports/table-files.ts';

export interface TableFilesUnderTest {
  readonly files: TableFiles;
  /** Another one on the same table, as another process has it. */
  readonly others: TableFiles;
  dispose(): Promise<void> | void;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export function tableFilesContract(name: string, create: () => Promise<TableFilesUnderTest>): void {
  describe(`files of a table: ${name}`, () => {
    let test: TableFilesUnderTest;
    let files: TableFiles;
    beforeEach(async () => {
      test = await create();
      ({ files } = test);
    });
    afterEach(() => test.dispose());

    const textOf = async (file: string): Promise<string | null> => {
      const found = await files.get(file);
      return found && new TextDecoder().decode(found);
    };
    const names = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const file of files.list()) found.push(file.name);
      return found.sort();
    };

    it('gives back what was put, whole or in part', async () => {
      const large = randomBytes(300_000);
      await files.put('data/year=2026/month=01/day=02/00000-0-x.parquet', large, 'any');

      expect(Buffer.compare((await files.get('data/year=2026/month=01/day=02/00000-0-x.parquet')) ?? bytes(''), large)).toBe(0);
      const part = await files.get('data/year=2026/month=01/day=02/00000-0-x.parquet', { start: 1_000, end: 201_000 });
      expect(Buffer.compare(part ?? bytes(''), large.subarray(1_000, 201_000))).toBe(0);
      expect((await files.get('data/year=2026/month=01/day=02/00000-0-x.parquet', { start: 299_990, end: 300_100 }))?.length).toBe(10);
    });

    it('says that a file is not there', async () => {
      await files.put('metadata/v1.metadata.json', bytes('{}'), 'any');

      expect(await files.get('metadata/v2.metadata.json')).toBeNull();
      expect(await files.get('metadata/v2.metadata.json', { start: 0, end: 1 })).toBeNull();
      expect(await files.get('data/none')).toBeNull();
    });

    it('replaces a file where it may, and keeps it where it may not', async () => {
      expect(await files.put('metadata/version-hint.text', bytes('1'), 'any')).toBe(true);
      expect(await files.put('metadata/version-hint.text', bytes('22'), 'any')).toBe(true);
      expect(await files.put('metadata/version-hint.text', bytes('3'), 'absent')).toBe(false);

      expect(await textOf('metadata/version-hint.text')).toBe('22');
    });

    it('lets one of many make a file', async () => {
      const writers = Array.from({ length: 8 }, (_, at) => ({ store: at % 2 ? test.others : files, text: `writer ${at}` }));

      const made = await Promise.all(writers.map(({ store, text }) => store.put('metadata/v2.metadata.json', bytes(text), 'absent')));

      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await textOf('metadata/v2.metadata.json')).toBe(writers[made.indexOf(true)]?.text);
    });

    it('lists what is there, with size and age, and nothing else', async () => {
      expect(await names()).toEqual([]);
      await files.put('metadata/v1.metadata.json', bytes('four'), 'absent');
      await files.put('metadata/v1.metadata.json', bytes('not this'), 'absent');
      await files.put('data/year=2026/month=01/day=02/a.parquet', bytes('a'), 'any');

      expect(await names()).toEqual(['data/year=2026/month=01/day=02/a.parquet', 'metadata/v1.metadata.json']);
      for await (const file of files.list()) {
        if (file.name.startsWith('metadata')) expect(file.bytes).toBe(4);
        expect(Math.abs(Date.now() - file.modified)).toBeLessThan(60_000);
      }
    });

    it('removes a file, and minds none that is not there', async () => {
      await files.put('metadata/a.avro', bytes('a'), 'any');
      await files.put('metadata/b.avro', bytes('b'), 'any');

      await files.remove('metadata/a.avro');
      await files.remove('metadata/a.avro');
      await files.remove('data/none');

      expect(await names()).toEqual(['metadata/b.avro']);
      expect(await files.put('metadata/a.avro', bytes('again'), 'absent')).toBe(true);
    });
  });
}
