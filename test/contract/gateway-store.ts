/** The contract of GatewayStore: what a gateway may rely on, wherever a region's objects lie. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayStore } from '../../lib/ports/gateway-store.ts';
import { AWKWARD_KEYS, isPosixPath } from '../fixtures/awkward-keys.ts';
import { presignContract } from './gateway-store-presign.ts';
import { readsContract } from './gateway-store-reads.ts';
import { asked, type GatewayStoreTraits, type GatewayStoreUnderTest, store as put } from './gateway-store-support.ts';
import { writesContract } from './gateway-store-writes.ts';

/**
 * Declares the suite for one kind of store.
 * @param factory called before each test: a store on a fresh, empty bucket
 */
export function gatewayStoreContract(name: string, factory: () => Promise<GatewayStoreUnderTest>, traits: GatewayStoreTraits): void {
  describe(`gateway store: ${name}`, () => {
    let subject: GatewayStoreUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());
    const current = (): GatewayStoreUnderTest => subject;

    readsContract(current);
    writesContract(current, traits);
    if (traits.presigns) presignContract(current, traits);
    else
      it('hands out no addresses', () => {
        expect(subject.store.presign).toBeNull();
      });

    const storable = AWKWARD_KEYS.filter(({ label, key }) => (traits.keys === 'any' || isPosixPath(key)) && !traits.withoutKeys?.includes(label));

    it('takes keys of every kind', { timeout: 60_000 }, async () => {
      const { store } = subject;
      const keys = [...storable.map(({ key }) => key), 'x/ y', '%2F', 'a+b c', ...(traits.keys === 'any' ? ['x/a//b', 'x/a/b'] : [])];
      for (const key of keys) await put(store, key, `at ${key}`);
      for (const key of keys) expect(await asked(store, key)).toBe(`at ${key}`);
      for (const key of keys) await store.remove(key);
      for (const key of keys) expect((await store.head(key)).kind).toBe('absent');
    });

    it.each([
      ['none', ''],
      ['too long', 'k'.repeat(1025)],
      ['no text', 'a\ud800b'],
      ['a NUL', 'a\0b'],
    ])('refuses what no store takes as a key: %s', async (_name, key) => {
      const { store } = subject;
      for (const act of [() => store.head(key), () => store.get(key), () => put(store, key, 'x'), () => store.remove(key)]) {
        await expect(act()).rejects.toMatchObject({ code: 'KEY_NOT_STORABLE' });
      }
    });

    it.each([
      ['check', (lost: GatewayStore) => lost.check()],
      ['head', (lost: GatewayStore) => lost.head('k')],
      ['get', (lost: GatewayStore) => lost.get('k')],
      ['get under a condition', (lost: GatewayStore) => lost.get('k', { ifMatch: '*' })],
      ['put', (lost: GatewayStore) => put(lost, 'k', 'x')],
      ['put under a condition', (lost: GatewayStore) => put(lost, 'k', 'x', { ifNoneMatch: '*' })],
      ['remove', (lost: GatewayStore) => lost.remove('k')],
    ])('tells of a missing bucket on %s, never of an absent object', async (_name, act) => {
      const { store, loseBucket } = subject;
      await store.check();
      await loseBucket();
      await expect(act(store)).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    });
  });
}
