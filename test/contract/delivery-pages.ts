/** The contract of WorkIndex.deliveries, page after page, while others write. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery } from '../../lib/core/objects/delivery.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import type { DeliveryView } from '../../lib/ports/replication-state.ts';
import { delivery, listedIds, NOW, next, pages, record, type StateUnderTest, store } from './replication-state-support.ts';

/** What Lambda answers at most. */
const ANSWER_BYTES = 6 * 1024 * 1024;

const KEYS = ['a', 'a/b', 'b', 'é', '\u{10000}'] as const;

/** What someone else does to a key between two pages. */
const write = fc.record({ key: fc.constantFrom(...KEYS), act: fc.constantFrom('add', 'settle', 'drop oldest', 'drop newest') });

export function deliveryPagesContract(name: string, factory: () => Promise<StateUnderTest>): void {
  describe(`pages of deliveries: ${name}`, () => {
    let subject: StateUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());

    it('neither repeat nor skip one, whatever is written between them', { timeout: 60_000 }, async () => {
      let runs = 0;
      const property = fc.asyncProperty(
        fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (rounds, limit) => {
          // Keys of its own: the records of the runs before stay.
          const prefix = `run ${runs++}/`;
          const records = new Map(KEYS.map((key) => [key as string, record(prefix + key, { deliveries: [1, 2, 3].map((n) => made(key, n)) })]));
          await store(subject.state, [...records.values()]);
          const before = [...records.values()].flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
          const seen: string[] = [];
          let cursor: string | undefined;
          let added = 10;
          for (let page = 0; page === 0 || cursor !== undefined; page++) {
            const answer = await subject.index.deliveries({ limit, keyLike: prefix, ...(cursor === undefined ? {} : { cursor }) });
            seen.push(...answer.events.map(({ id }) => id));
            cursor = answer.cursor;
            for (const { key, act } of rounds[page] ?? []) {
              const changed = acted(records.get(key) ?? record(key), act, made(key, added++));
              expect(await subject.state.put(changed, changed.version - 1)).toBe(true);
              records.set(key, changed);
            }
          }
          const after = new Set([...records.values()].flatMap(({ deliveries }) => deliveries.map(({ id }) => id)));

          expect(new Set(seen).size).toBe(seen.length);
          expect(before.filter((id) => after.has(id) && !seen.includes(id))).toEqual([]);
        },
      );
      await fc.assert(property, { numRuns: 12, seed: 1 });
    });

    it('hold what changed then or later, of any status, where that is asked for', async () => {
      const at = (id: string, status: 'done' | 'error' | 'pending', updatedAt: number) => delivery(id, status, { updatedAt });
      await store(subject.state, [
        record('k', { deliveries: [at('old', 'done', NOW - 1), at('new', 'done', NOW)] }),
        record('l', { deliveries: [at('failed', 'error', NOW + 1), at('failed before', 'error', NOW - 2)] }),
        record('m', { deliveries: [at('waits', 'pending', NOW - 3)] }),
      ]);
      await expect.poll(async () => (await listedIds(subject.index, { limit: 10 })).length).toBe(5);

      expect(await listedIds(subject.index, { limit: 10, since: NOW })).toEqual(['new', 'failed']);
      expect(await listedIds(subject.index, { limit: 10, since: NOW, status: 'error' })).toEqual(['failed']);
      expect((await pages(subject.index, { limit: 1, since: NOW - 1 })).flat().map(({ id }) => id)).toEqual(['new', 'old', 'failed']);
      expect(await listedIds(subject.index, { limit: 10, since: NOW + 2 })).toEqual([]);
    });

    it('go on after a delivery that was dropped meanwhile, though an older one of its key stays', async () => {
      const old = record('k', {
        deliveries: [delivery('error', 'error'), delivery('done', 'done', { createdAt: NOW + 1 }), delivery('later', 'done', { createdAt: NOW + 2 })],
      });
      await store(subject.state, [old]);
      await expect.poll(() => listedIds(subject.index, { limit: 10 })).toEqual(['error', 'done', 'later']);
      const { cursor = '' } = await subject.index.deliveries({ limit: 2 });

      await subject.state.put(next(old, { deliveries: old.deliveries.filter(({ id }) => id !== 'done') }), 1);

      await expect.poll(() => listedIds(subject.index, { limit: 10, cursor })).toEqual(['later']);
    });

    it('end before they hold more than a function can answer', { timeout: 60_000 }, async () => {
      const odd = '\u0001'.repeat(1_015);
      const facts = { contentType: '\u0001'.repeat(256), lastError: '\u0001'.repeat(300) };
      const records = Array.from({ length: 700 }, (_, n) => record(`${odd}${n}`, { deliveries: [delivery(`id ${n}`, 'error', facts)] }));
      for (let start = 0; start < records.length; start += 50) await store(subject.state, records.slice(start, start + 50));
      const shown = async (): Promise<readonly (readonly DeliveryView[])[]> => pages(subject.index, { limit: 1_000 });
      await expect.poll(async () => (await shown()).flat().length, { timeout: 10_000 }).toBe(records.length);

      const all = await shown();

      expect(all.length).toBeGreaterThan(1);
      expect(all.length).toBeLessThan(6);
      for (const events of all) expect(JSON.stringify({ body: JSON.stringify({ events }) }).length).toBeLessThan(ANSWER_BYTES);
      expect(new Set(all.flat().map(({ id }) => id)).size).toBe(records.length);
    });
  });
}

/** Several of one age: what is equally old must not be confused. */
function made(key: string, n: number): Delivery {
  return delivery(`${key} ${n}`, n === 1 ? 'error' : 'done', { createdAt: NOW + Math.floor(n / 2), ts: NOW + (n % 2) });
}

function acted(former: ReplicationRecord, act: string, added: Delivery): ReplicationRecord {
  const { deliveries } = former;
  switch (act) {
    case 'add':
      return next(former, { deliveries: [...deliveries, added] });
    case 'settle':
      return next(former, { deliveries: deliveries.map((each) => ({ ...each, status: 'superseded' as const, updatedAt: NOW + 5 })) });
    case 'drop oldest':
      return next(former, { deliveries: deliveries.slice(1) });
    default:
      return next(former, { deliveries: deliveries.slice(0, -1) });
  }
}
