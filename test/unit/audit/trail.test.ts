/** The writer of the trail, over a store whose answers get lost and whose writes land late. */
import fc, { type Scheduler } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../lib/adapters/system/canonical-json.ts';
import { beginCheck, checkEntry, endCheck } from '../../../lib/core/audit/chain.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Appended, AuditStore, StoredEntry } from '../../../lib/ports/audit.ts';
import type { Clock } from '../../../lib/ports/system.ts';
import { parsedEntry } from '../../../lib/usecases/audit/stored.ts';
import { ChainedTrail } from '../../../lib/usecases/audit/trail.ts';
import { seenOf } from '../../fixtures/audit-chain.ts';
import { MemoryAuditStore, trailOver } from '../../fixtures/audit-trail.ts';

/** What becomes of a request. `late`: it is carried out when nobody waits for it any more. */
type Fate = 'answered' | 'refused' | 'lost' | 'late';

const FATES = fc.infiniteStream(
  fc.oneof({ weight: 5, arbitrary: fc.constant<Fate>('answered') }, { weight: 3, arbitrary: fc.constantFrom<Fate>('refused', 'lost', 'late') }),
);

class FaultyStore implements AuditStore {
  readonly inner = new MemoryAuditStore();
  readonly #scheduler: Scheduler;
  readonly #fates: Iterator<Fate>;

  constructor(scheduler: Scheduler, fates: Iterator<Fate>) {
    this.#scheduler = scheduler;
    this.#fates = fates;
  }

  tail(): Promise<StoredEntry | null> {
    return this.#request(() => this.inner.tail());
  }

  put(entries: readonly StoredEntry[]): Promise<boolean> {
    return this.#request(() => this.inner.put(entries));
  }

  page(after: number, limit: number): Promise<readonly StoredEntry[]> {
    return this.inner.page(after, limit);
  }

  async #request<T>(carryOut: () => Promise<T>): Promise<T> {
    const fate = this.#fates.next().value ?? 'answered';
    await this.#turn();
    if (fate === 'refused') throw new TidemarkError('THROTTLED', 'not carried out');
    if (fate === 'late') void this.#turn().then(carryOut);
    else {
      const result = await carryOut();
      await this.#turn();
      if (fate === 'answered') return result;
    }
    throw new TidemarkError('UNAVAILABLE', 'no answer', { outcomeUnknown: true });
  }

  async #turn(): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve());
  }
}

/** Time goes on with each pause: a writer gives up after some of them. */
function clockOf(scheduler: Scheduler): Clock {
  let now = 0;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += Math.max(ms, 4_000);
      await scheduler.schedule(Promise.resolve());
    },
  };
}

describe('the writer of the trail', () => {
  it('is gapless and linked, whoever appends and whatever is lost', async () => {
    const outcomes = { appended: 0, failed: 0 };
    const bursts = fc.array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), FATES, bursts, async (scheduler, fates, processes) => {
        const store = new FaultyStore(scheduler, fates[Symbol.iterator]());
        const acknowledged = new Map<string, Appended>();
        const appending = processes.map(async (counts, process) => {
          const trail = trailOver(store, clockOf(scheduler), () => 0.5);
          for (const [burst, count] of counts.entries()) {
            const events = Array.from({ length: count }, (_, index) => `${process}.${burst}.${index}`);
            const results = await Promise.allSettled(events.map((subject) => trail.append({ action: 'a', actor: 'system', subject })));
            for (const [index, result] of results.entries()) {
              if (result.status === 'fulfilled') acknowledged.set(events[index] ?? '', result.value);
              else expect(result.reason).toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
              outcomes[result.status === 'fulfilled' ? 'appended' : 'failed']++;
            }
          }
        });
        await scheduler.waitFor(Promise.all(appending));
        await scheduler.waitAll();

        const { entries } = store.inner;
        expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
        expect(endCheck(entries.map(seenOf).reduce(checkEntry, beginCheck([])))).toBeNull();
        const subjects = entries.map((entry) => parsedEntry(canonicalJson, entry)?.subject);
        expect(new Set(subjects).size).toBe(subjects.length);
        for (const [subject, { sequence, hash }] of acknowledged) {
          expect(subjects[sequence - 1]).toBe(subject);
          expect(entries[sequence - 1]?.hash).toBe(hash);
        }
      }),
      { numRuns: 300 },
    );
    // Both were met, or it would show nothing.
    expect(outcomes.appended).toBeGreaterThan(500);
    expect(outcomes.failed).toBeGreaterThan(50);
  });

  it('puts what comes at once together', async () => {
    const store = new MemoryAuditStore();
    const puts: number[] = [];
    const counted: AuditStore = {
      tail: () => store.tail(),
      page: (after, limit) => store.page(after, limit),
      put: (entries) => {
        puts.push(entries.length);
        return store.put(entries);
      },
    };
    const trail = trailOver(counted);

    const appended = await Promise.all(Array.from({ length: 60 }, () => trail.append({ action: 'a', actor: 'local' })));

    expect(appended.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(puts).toEqual([1, 25, 25, 9]);
  });

  it('tells of what it lost, and fails nobody for it', async () => {
    const refusal = new TidemarkError('INVALID_CONFIG', 'there is no table');
    const lost: unknown[] = [];
    const store: AuditStore = { tail: () => Promise.reject(refusal), put: () => Promise.reject(refusal), page: () => Promise.reject(refusal) };
    const clock: Clock = { now: () => 0, sleep: () => Promise.resolve() };
    const trail = new ChainedTrail({ store, canonical: JSON.stringify, clock, ids: { random: () => 0 }, onLost: (event) => lost.push(event) });
    const event = { action: 'deletes.paused', actor: 'system' };

    await trail.note(event);

    expect(lost).toEqual([event]);
    await expect(trail.append(event)).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE', cause: refusal });
  });
});
