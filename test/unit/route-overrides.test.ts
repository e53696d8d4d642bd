/** A route's overrides on the whole path of a key: where its copy lies, and when an equal copy is none to make again. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appliedObject, type LinkTraits, plan } from '../../lib/core/objects/plan.ts';
import { difference } from '../../lib/core/objects/reconcile.ts';
import { emptyRecord } from '../../lib/core/objects/record.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import { type Reconciled, reconcile } from '../../lib/usecases/reconcile.ts';
import { type Answer, HandlerWorld } from '../fixtures/handler-world.ts';

const SHORT = 'copies/';
const LONG = 'long/'.repeat(200);

describe('destination prefixes', () => {
  let world: HandlerWorld;

  beforeEach(async () => {
    world = await HandlerWorld.create({
      routes: [
        { from: 'primary', to: 'secondary', name: 'short', prefix: 'a/', destinationPrefix: SHORT },
        { from: 'primary', to: 'secondary', name: 'long', prefix: 'b/', destinationPrefix: LONG },
      ],
    });
  });

  afterEach(() => world.dispose());

  const tell = (op: 'PUT' | 'DELETE', key: string): Promise<Answer> =>
    world.call('POST', '/events/ingest', { events: [{ op, key, ts: world.clock.now(), srcRegion: 'primary', dstRegion: 'secondary' }] });
  const deliveries = async (): Promise<readonly Record<string, unknown>[]> => {
    const { body } = await world.call('GET', '/events');
    return body.events as Record<string, unknown>[];
  };
  const reconciled = async (index: number): Promise<Reconciled> => {
    const route = world.runtime.routes[index];
    if (!route) throw new Error('there is a route');
    return reconcile(world.runtime, route, (await world.runtime.link(route)).link, 0);
  };

  it('lead routes of one source to places of their own', async () => {
    for (const key of ['a/k', 'b/k']) {
      await world.put(key, key);
      await tell('PUT', key);
    }
    await world.drain();

    expect(await world.textAt(world.destination, `${SHORT}a/k`)).toBe('a/k');
    expect(await world.textAt(world.destination, `${LONG}b/k`)).toBe('b/k');
    for (const key of ['a/k', 'b/k']) expect(await world.textAt(world.destination, key)).toBeNull();
    expect([await reconciled(0), await reconciled(1)]).toMatchObject([
      { compared: 1, queued: 0 },
      { compared: 1, queued: 0 },
    ]);
  });

  it('end a key that becomes too long in one error, and its deletion in none', async () => {
    const key = `b/${'n'.repeat(40)}`;
    await world.put(key, 'hello');
    await tell('PUT', key);
    await world.drain();

    expect(await deliveries()).toMatchObject([
      { key, status: 'error', attempts: 1, lastError: expect.stringContaining('KEY_NOT_STORABLE: with the route') },
    ]);
    // The event told no etag, so a comparison asks once; whatever is found then, it is never asked again.
    await reconciled(1);
    await world.drain();
    expect(await reconciled(1)).toMatchObject({ compared: 1, queued: 0 });

    await world.source.remove(key);
    await tell('DELETE', key);
    await world.drain();
    expect((await deliveries()).filter(({ status }) => status === 'error' || status === 'pending')).toEqual([]);
  });
});

describe('a copy that is encrypted with another key, in another class', () => {
  const TRAITS: LinkTraits = {
    serverSide: true,
    conditionalCopy: true,
    conditionalPut: true,
    conditionalDelete: true,
    tags: true,
    partsFrom: 1_000_000,
  };
  const RULES = { deletes: true, alwaysLease: false };
  const NOW = 1_800_000_000_000;
  const CRC = { algorithm: 'CRC64NVME', value: 'Lb1nAmRU5LE=', type: 'FULL_OBJECT' } as const;
  const SOURCE: Sight = { etag: 'a'.repeat(32), md5: 'a'.repeat(32), size: 1, lastModified: NOW, headers: {}, metadata: {}, tags: {} };
  const COPY: Sight = { ...SOURCE, etag: 'f'.repeat(32), lastModified: NOW + 60_000, storageClass: 'STANDARD_IA' };
  const fresh = emptyRecord('r', 'k', NOW);
  const copied = { ...fresh, applied: appliedObject(SOURCE, COPY, undefined, NOW) };
  const both = (source: Sight, destination: Sight) => ({
    source: { present: true, sight: source } as const,
    destination: { present: true, sight: destination } as const,
    link: TRAITS,
    rules: RULES,
  });

  it('is found equal on a second look, by what is recorded of it', () => {
    expect(plan({ record: copied, ...both(SOURCE, COPY) })).toMatchObject({ do: 'settle' });
    expect(difference('k', { key: 'k', ...SOURCE }, { key: 'k', ...COPY }, copied, NOW)).toBeNull();
  });

  it('is found equal without a record where both sides name a checksum of the whole object', () => {
    const { md5: _none, ...encrypted } = COPY;

    expect(plan({ record: fresh, ...both({ ...SOURCE, checksum: CRC }, { ...encrypted, checksum: CRC }) })).toMatchObject({ do: 'settle' });
  });
});
