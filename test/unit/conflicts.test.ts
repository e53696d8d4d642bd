/** What operators see of conflicts, and do about them: through the API, over two folders. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { PreconditionFailedError } from '../../lib/core/errors.ts';
import { lookMessage } from '../../lib/core/objects/message.ts';
import { changeAt } from '../../lib/core/routes/route.ts';
import type { VersionKeeper } from '../../lib/ports/objects.ts';
import type { Clock } from '../../lib/ports/system.ts';
import type { ConflictView } from '../../lib/usecases/conflicts/list.ts';
import { put } from '../embedded/support.ts';
import { type Answer, HandlerWorld } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';

type Restore = VersionKeeper['restore'];

class Keeping extends FolderBucket implements VersionKeeper {
  readonly restore: Restore;

  constructor(root: string, clock: Clock, restore: Restore) {
    super(root, { clock });
    this.restore = restore;
  }
}

let world: HandlerWorld;

beforeEach(async () => {
  world = await HandlerWorld.create({ routes: [{ from: 'primary', to: 'secondary', bidirectional: { prefer: 'secondary' } }] });
});
afterEach(() => world.dispose());

/** Both sides hold something else, and secondary's wins. */
async function settled(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    await put(world.source, key, `${key} of primary`);
    await put(world.destination, key, `${key} of the other`);
    const change = changeAt({ op: 'PUT', key, origin: 'watch', ts: world.clock.now() }, 'from');
    await world.runtime.queue.send([{ body: lookMessage(ROUTE, key, [change]) }]);
    await world.drain();
  }
}

async function listed(query = ''): Promise<readonly ConflictView[]> {
  const { body } = await world.call('GET', `/conflicts${query}`);
  return body.conflicts as ConflictView[];
}

/** The record's own names of what lost are those of a versioned bucket. */
async function versioned(key: string): Promise<void> {
  const record = await world.runtime.state.get(ROUTE, key);
  if (!record) throw new Error('it has a record');
  const conflicts = (record.conflicts ?? []).map((conflict) => ({ ...conflict, versionId: 'v1' }));
  await world.runtime.state.put({ ...record, conflicts, version: record.version + 1 }, record.version);
}

describe('GET /conflicts', () => {
  it('names both states, by region and in its own words', async () => {
    await settled('a/1.txt');
    const [conflict] = await listed();

    expect(conflict).toMatchObject({
      route: ROUTE,
      key: 'a/1.txt',
      winner: { region: 'secondary', op: 'PUT' },
      loser: { region: 'primary', op: 'PUT', size: 'a/1.txt of primary'.length },
      restorable: false,
    });
    const { body } = await world.call('GET', '/metrics');
    expect(body.routes).toMatchObject({ [ROUTE]: { conflicts: 1 } });
  });

  it('goes from page to page, each once, whatever is dismissed meanwhile', async () => {
    await settled('a', 'b', 'c', 'd');
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await world.call('GET', `/conflicts?limit=1${cursor}`);
      const [conflict] = body.conflicts as ConflictView[];
      if (conflict) {
        seen.push(conflict.key);
        await world.call('POST', `/conflicts/${encodeURIComponent(conflict.id)}/dismiss`);
      }
      cursor = body.cursor === undefined ? '' : `&cursor=${String(body.cursor)}`;
    } while (cursor !== '');

    expect(seen).toEqual(['a', 'b', 'c', 'd']);
    expect(await listed()).toEqual([]);
  });

  it('is asked for a route, and for keys', async () => {
    await settled('a/1', 'b/1');

    expect((await listed('?keyLike=b/')).map(({ key }) => key)).toEqual(['b/1']);
    expect((await listed('?keyLike=%251')).map(({ key }) => key)).toEqual(['a/1', 'b/1']);
    expect(await listed(`?route=${ROUTE}`)).toHaveLength(2);
    expect((await world.call('GET', '/conflicts?route=other')).status).toBe(404);
    expect((await world.call('GET', '/conflicts?cursor=bogus')).status).toBe(400);
  });
});

describe('a conflict that a person has seen', () => {
  it('is told of no more, and touches nothing', async () => {
    await settled('k');
    const [conflict] = await listed();
    const before = await world.textAt(world.source, 'k');
    const answer = await world.call('POST', `/conflicts/${conflict?.id}/dismiss`);

    expect(answer).toMatchObject({ status: 200, body: { key: 'k' } });
    expect(await listed()).toEqual([]);
    expect(await world.textAt(world.source, 'k')).toBe(before);
    expect((await world.call('POST', `/conflicts/${conflict?.id}/dismiss`)).status).toBe(404);
    expect((await world.call('POST', '/conflicts/none.of.ours/dismiss')).status).toBe(404);
  });
});

describe('what lost', () => {
  const restore = async (): Promise<Answer> => {
    const [conflict] = await listed();
    return world.call('POST', `/conflicts/${conflict?.id}/restore`);
  };
  /** Primary's folder keeps versions, as far as a restore can tell. */
  const keeping = (restored: Restore): void => {
    const { store } = world.runtime;
    const primary = new Keeping(world.root('primary'), world.clock, restored);
    Object.assign(world.runtime, { store: (region: string) => (region === 'primary' ? primary : store(region)) });
  };

  it('is refused where no version of it is kept, with what to do', async () => {
    await settled('k');

    expect(await restore()).toMatchObject({ status: 409, body: { errors: [{ fix: expect.stringContaining('Write it again') }] } });
    expect(await listed()).toHaveLength(1);
  });

  it('is written again at its own side, on condition of what stands there, and carried over', async () => {
    await settled('k');
    await versioned('k');
    const asked: unknown[] = [];
    keeping(async (key, version, condition) => {
      asked.push({ key, version, condition });
      await put(world.source, key, 'k of primary');
      const seen = await world.source.head(key);
      return { etag: seen.present ? seen.sight.etag : '' };
    });
    const [conflict] = await listed();
    const standing = await world.source.head('k');

    expect(conflict?.restorable).toBe(true);
    expect(await restore()).toMatchObject({ status: 202, body: { conflict: { key: 'k' } } });
    await world.drain();

    const condition = { ifMatch: standing.present ? standing.sight.etag : '' };
    expect(asked).toEqual([{ key: 'k', version: { versionId: 'v1', etag: conflict?.loser.etag }, condition }]);
    expect([await world.textAt(world.source, 'k'), await world.textAt(world.destination, 'k')]).toEqual(['k of primary', 'k of primary']);
    expect(await listed()).toEqual([]);
  });

  it.each([
    ['source', 'the version that lost is gone'],
    ['destination', 'the key was written meanwhile'],
  ] as const)('stays a conflict where the %s is not as it was', async (side, message) => {
    await settled('k');
    await versioned('k');
    keeping((key) => Promise.reject(new PreconditionFailedError(side, key)));

    expect(await restore()).toMatchObject({ status: 409, body: { detail: expect.stringContaining(message) } });
    expect(await listed()).toHaveLength(1);
  });
});
