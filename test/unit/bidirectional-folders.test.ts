/** A bidirectional route on the whole path of a key: handlers, records and two folders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import type { ReplicationRecord } from '../../lib/core/objects/record.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { changeAt, DEFAULT_MAX_SKEW_MS, type Route } from '../../lib/core/routes/route.ts';
import { backfillKeys } from '../../lib/usecases/backfill-keys.ts';
import { reconcile } from '../../lib/usecases/reconcile.ts';
import { replayKey } from '../../lib/usecases/replay-key.ts';
import { HandlerWorld } from '../fixtures/handler-world.ts';

const KEY = 'report.txt';
const ROUTE: Route = {
  name: 'pair',
  from: 'primary',
  to: 'secondary',
  prefix: '',
  deletes: true,
  bidirectional: { maxSkewMs: DEFAULT_MAX_SKEW_MS },
};

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create({ instead: () => ({ routes: [ROUTE] }) });
});

afterEach(() => world.dispose());

async function write(store: FolderBucket, text: string): Promise<void> {
  const body = Buffer.from(text);
  const like = { etag: '', size: body.length, lastModified: 0, headers: { contentType: 'text/plain' }, metadata: {} };
  await store.write(KEY, body, { size: body.length, like });
}

/** The folder's own event, and what follows from it. */
async function told(side: 'from' | 'to', op: 'PUT' | 'DELETE'): Promise<void> {
  const change = changeAt({ op, key: KEY, origin: 'watch', ts: world.clock.now() }, side);
  await world.runtime.queue.send([{ body: lookMessage(ROUTE.name, KEY, [change]) }]);
  await world.drain();
}

async function record(): Promise<ReplicationRecord | null> {
  return world.runtime.state.get(ROUTE.name, KEY);
}

async function both(): Promise<readonly (string | null)[]> {
  return [await world.textAt(world.source, KEY), await world.textAt(world.destination, KEY)];
}

let ahead = 0;

/** Within one second neither is newer. Stamps of files never go back in a process: each time goes further than the tests before. */
function secondsLater(): void {
  ahead += 10_000;
  world.clock.advance(ahead);
}

describe('a key of two folders that are both written', () => {
  it('goes either way, and no copy is answered by a copy', async () => {
    await write(world.destination, 'first');
    await told('to', 'PUT');
    expect(await both()).toEqual(['first', 'first']);

    const before = await world.source.head(KEY);
    await told('from', 'PUT');
    expect(await world.source.head(KEY)).toEqual(before);

    await write(world.source, 'second');
    await told('from', 'PUT');
    expect(await both()).toEqual(['second', 'second']);
    expect(await record()).toMatchObject({ applied: { kind: 'pair' } });
    expect((await record())?.conflicts).toBeUndefined();
  });

  it('is deleted on both sides, and not brought back', async () => {
    await write(world.source, 'x');
    await told('from', 'PUT');
    await world.destination.remove(KEY);
    await told('to', 'DELETE');
    expect(await both()).toEqual([null, null]);

    await told('from', 'DELETE');
    expect(await both()).toEqual([null, null]);
    expect(await record()).toMatchObject({ applied: { kind: 'tombstone' } });
  });

  it('keeps one of two writes on both sides, and says which was lost', async () => {
    await write(world.source, 'x');
    await told('from', 'PUT');
    await write(world.source, 'of the region that failed');
    secondsLater();
    await write(world.destination, 'of the region that took over');
    await told('to', 'PUT');

    const [from, to] = await both();
    expect(from).toBe(to);
    const [conflict] = (await record())?.conflicts ?? [];
    const lost = from === 'of the region that failed' ? 'of the region that took over' : 'of the region that failed';
    expect(conflict).toMatchObject({ size: lost.length });
  });

  it('is no conflict where both sides held the same before they were a pair', async () => {
    await write(world.source, 'the same');
    secondsLater();
    await write(world.destination, 'the same');
    const before = [await world.source.head(KEY), await world.destination.head(KEY)];
    await told('from', 'PUT');

    expect([await world.source.head(KEY), await world.destination.head(KEY)]).toEqual(before);
    expect(await record()).toMatchObject({ applied: { kind: 'pair' } });
    expect((await record())?.conflicts).toBeUndefined();
  });

  it('is a conflict where both sides held other bytes of one size before they were a pair', async () => {
    await write(world.source, 'one');
    secondsLater();
    await write(world.destination, 'two');
    await told('from', 'PUT');

    expect(await both()).toEqual(['two', 'two']);
    expect((await record())?.conflicts).toMatchObject([{ side: 'from', size: 3 }]);
  });

  it('does not rest after a look whose time was over before it wrote', async () => {
    await write(world.source, 'x');
    const job = { route: ROUTE, key: KEY, changes: [], look: true, receives: 1, leaseMs: 60_000, retry: DEFAULT_RETRY, alwaysLease: true };
    const { runtime, clock } = world;
    expect(await replayKey(runtime, { ...job, deadline: clock.now() })).toMatchObject({ error: { code: 'TIME_LIMIT' } });
    expect(await both()).toEqual(['x', null]);

    expect(await replayKey(runtime, { ...job, deadline: clock.now() + 10_000 })).toMatchObject({ kind: 'settled' });
    expect(await both()).toEqual(['x', 'x']);
  });

  it('is found by a comparison of both folders where no event told of it', async () => {
    await write(world.destination, 'untold');
    const { link } = await world.runtime.link(ROUTE);
    expect(await reconcile(world.runtime, ROUTE, link, 0)).toMatchObject({ queued: 1, deleteCandidates: 0 });
    await world.drain();
    expect(await both()).toEqual(['untold', 'untold']);

    // The copy itself, which no event told either, is looked at once: it might have been written again.
    expect(await reconcile(world.runtime, ROUTE, link, 0)).toMatchObject({ queued: 1 });
    await world.drain();
    expect(await reconcile(world.runtime, ROUTE, link, 0)).toMatchObject({ queued: 0 });
  });

  it('is loaded from whichever side holds it', async () => {
    await write(world.destination, 'there alone');
    const answers = await backfillKeys(world.runtime, [{ route: ROUTE, key: KEY }], world.clock.now() + 10_000);
    await world.drain();

    expect(answers).toMatchObject([{ status: 'accepted' }]);
    expect(await both()).toEqual(['there alone', 'there alone']);
  });

  it('shows its events with the region where they happened', async () => {
    await write(world.destination, 'x');
    await told('to', 'PUT');
    const { body } = await world.call('GET', '/events');

    expect(body.events).toMatchObject([{ srcRegion: 'secondary', dstRegion: 'primary', status: 'done' }]);
  });
});
