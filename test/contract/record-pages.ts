/** The contract of RecordPages; it runs with that of ReplicationState. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RecordQuery } from '../../lib/ports/record-pages.ts';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { APPLIED, ROUTE, record, type StateUnderTest, store } from './replication-state-support.ts';

export function recordPagesContract(name: string, factory: () => Promise<StateUnderTest>): void {
  describe(`record pages: ${name}`, () => {
    let subject: StateUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());

    const keysOf = async (query: Partial<RecordQuery>): Promise<readonly string[]> => {
      const { records } = await subject.pages.page({ route: ROUTE, prefix: '', limit: 1_000, ...query });
      return records.map(({ key }) => key);
    };
    const byBytes = (keys: readonly string[]): readonly string[] => [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

    it('go on after a key, in the byte order of keys, and miss none whatever their number', async () => {
      await store(
        subject.state,
        AWKWARD_KEYS.map(({ key }) => record(key, { applied: APPLIED })),
      );

      const found: string[] = [];
      let after: string | undefined;
      do {
        const { records, next } = await subject.pages.page({ route: ROUTE, prefix: '', limit: 3, ...(after === undefined ? {} : { after }) });
        found.push(...records.map(({ key }) => key));
        after = next;
      } while (after !== undefined);

      expect(found).toEqual(byBytes(AWKWARD_KEYS.map(({ key }) => key)));
    });

    it('hold what a prefix names, whole, and nothing of another route', async () => {
      await store(subject.state, [
        record('a/1'),
        record('a/2', { applied: APPLIED }),
        record('a0'),
        record('b'),
        { ...record('a/3'), route: 'other' },
      ]);

      expect(await keysOf({ prefix: 'a/' })).toEqual(['a/1', 'a/2']);
      expect(await keysOf({ prefix: 'a/', after: 'a/1' })).toEqual(['a/2']);
      expect(await keysOf({ prefix: 'a/', after: 'A' })).toEqual(['a/1', 'a/2']);
      expect(await keysOf({ prefix: 'a/', after: 'b' })).toEqual([]);
      expect((await subject.pages.page({ route: ROUTE, prefix: 'a/', limit: 10 })).records[1]).toEqual(record('a/2', { applied: APPLIED }));
    });
  });
}
