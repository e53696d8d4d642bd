/** What every store of the audit trail must do. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditStore, MAX_TOGETHER } from '../../lib/ports/audit.ts';
import { chainOf } from '../fixtures/audit-chain.ts';
import { trailOver } from '../fixtures/audit-trail.ts';

export interface AuditStoreUnderTest {
  readonly store: AuditStore;
  /** The same, as another process reaches it. */
  readonly other: AuditStore;
  readonly dispose: () => unknown;
}

export function auditStoreContract(name: string, create: () => Promise<AuditStoreUnderTest>): void {
  describe(`store of the audit trail: ${name}`, () => {
    let test: AuditStoreUnderTest;
    let store: AuditStore;
    let other: AuditStore;
    beforeEach(async () => {
      test = await create();
      ({ store, other } = test);
    });
    afterEach(() => test.dispose());

    it('is empty at first', async () => {
      expect(await store.tail()).toBeNull();
      expect(await store.page(0, 10)).toEqual([]);
    });

    it('gives back what was put, at its place, byte by byte', async () => {
      const chain = chainOf(4, 'é \u{10000} \u0000 "');
      expect(await store.put(chain.slice(0, 1))).toBe(true);
      expect(await store.put(chain.slice(1, 4))).toBe(true);

      expect(await other.page(0, 10)).toEqual(chain);
      expect(await other.tail()).toEqual(chain[3]);
    });

    it('takes one entry a place: all of a put or nothing', async () => {
      const [ours, theirs] = [chainOf(3), chainOf(2, 'somebody else')];
      expect(await store.put(ours)).toBe(true);

      expect(await other.put(theirs)).toBe(false);
      expect(await other.put(theirs.slice(0, 1))).toBe(false);
      expect(await store.page(0, 10)).toEqual(ours);
    });

    it('knows what was put before, and its answer lost', async () => {
      const chain = chainOf(3);
      await store.put(chain.slice(0, 2));
      expect(await store.put(chain.slice(0, 2))).toBe(true);
      await other.put(chain.slice(2));

      expect(await store.put(chain.slice(0, 2))).toBe(true);
      expect(await store.page(0, 10)).toEqual(chain);
    });

    it('lets one of many in, who all saw the same end', async () => {
      const puts = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? store : other).put(chainOf(1 + (n % 3), `process ${n}`)));

      expect((await Promise.all(puts)).filter((won) => won)).toHaveLength(1);
    });

    it('pages from any place, across what was put together', async () => {
      const chain = chainOf(70);
      for (let at = 0; at < chain.length; ) {
        const group = chain.slice(at, at + ([1, MAX_TOGETHER, 3][at % 3] ?? 1));
        expect(await store.put(group)).toBe(true);
        at += group.length;
      }

      for (const after of [0, 1, 2, 24, 25, 26, 27, 44, 68, 69, 70, 1_000]) {
        expect(await store.page(after, 100), `after ${after}`).toEqual(chain.slice(after));
        expect(await store.page(after, 7), `after ${after}`).toEqual(chain.slice(after, after + 7));
      }
    });

    it('pages from before the first', async () => {
      const chain = chainOf(3);
      await store.put(chain);

      expect(await store.page(Number.NEGATIVE_INFINITY, 2)).toEqual(chain.slice(0, 2));
      expect(await store.page(-7, 10)).toEqual(chain);
    });

    it('carries a gapless chain of two writers', async () => {
      const writers = [trailOver(store), trailOver(other)];
      const appended = await Promise.all(
        Array.from({ length: 40 }, (_, n) => writers[n % 2]?.append({ action: 'a', actor: 'system', subject: String(n) })),
      );

      const places = appended.map((each) => each?.sequence ?? 0).toSorted((a, b) => a - b);
      expect(places).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
      const chain = await store.page(0, 100);
      expect(chain.map(({ sequence }) => sequence)).toEqual(places);
      for (const each of appended) expect(chain[(each?.sequence ?? 0) - 1]?.hash).toBe(each?.hash);
    });
  });
}
