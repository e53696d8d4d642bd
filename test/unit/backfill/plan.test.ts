/** What planning asks of the stores: listings cost requests there, and the server's time. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Runtime } from '../../../lambdas/shared/runtime.ts';
import type { JobMode } from '../../../lib/core/backfill/mode.ts';
import type { Bucket, ListOptions, ListPage } from '../../../lib/ports/objects.ts';
import { planBackfill } from '../../../lib/usecases/backfill/plan.ts';
import { estimateBackfill, startBackfill } from '../../../lib/usecases/backfill/start.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

const PAGE = 1_000;
const KEYS = 120 * PAGE;
const PER_RANGE = 40 * PAGE;

let world: HandlerWorld;
let asked: { source: number; destination: number };

beforeEach(async () => {
  asked = { source: 0, destination: 0 };
  world = await HandlerWorld.create({ instead: () => ({ workflow: { start: async () => undefined, stop: async () => undefined } }) });
});
afterEach(() => world.dispose());

const ALL = Array.from({ length: KEYS }, (_, index) => ({ key: `k${String(index * 8).padStart(6, '0')}`, etag: 'e', size: 1, lastModified: 0 }));

/** Lists `KEYS` keys in order, and counts how often it is asked. */
function listing(bucket: Bucket, side: keyof typeof asked): void {
  const capabilities = bucket.capabilities.bind(bucket);
  bucket.capabilities = async () => ({ ...(await capabilities()), listsInOrder: true });
  bucket.list = async ({ startAfter, token, limit = PAGE }: ListOptions): Promise<ListPage> => {
    asked[side]++;
    const after = token ?? startAfter;
    const from = after === undefined ? 0 : ALL.findIndex(({ key }) => key > after);
    const objects = from < 0 ? [] : ALL.slice(from, from + limit);
    const last = objects.at(-1);
    return { objects, ...(last && last !== ALL.at(-1) ? { next: last.key } : {}) };
  };
}

async function ranges(
  mode: JobMode,
  keysPerRange?: number,
  deep = false,
): Promise<{ readonly ranges: number; readonly looked: typeof asked; readonly objects: number }> {
  const [route] = world.runtime.routes;
  if (!route) throw new Error('there is a route');
  const linked = await world.runtime.link(route);
  listing(linked.link.source, 'source');
  listing(linked.link.destination, 'destination');
  const runtime: Runtime = { ...world.runtime, link: async () => linked };
  const wanted = { route, prefix: '', mode, deep };
  const terms = { looks: 200, deadline: runtime.clock.now() + 60_000 };
  const started = await startBackfill(runtime, wanted, await estimateBackfill(runtime, wanted, { ...terms, looks: 8 }));
  if ('refused' in started) throw new Error('it is the only one');
  const before = { ...asked };
  const count = await planBackfill(runtime, started.job.id, { ...terms, ...(keysPerRange === undefined ? {} : { keysPerRange }) });
  const job = await runtime.backfills.get(started.job.id);
  const looked = { source: asked.source - before.source, destination: asked.destination - before.destination };
  return { ranges: count, looked, objects: job?.estimate.objects ?? 0 };
}

it('of a comparison lists the source alone, and a few pages of it: both sides are listed whole anyway', async () => {
  const { ranges: count, looked, objects } = await ranges('verify', PER_RANGE);

  expect(count).toBeGreaterThanOrEqual(2);
  expect(looked.source).toBeLessThanOrEqual(8);
  expect(looked.destination).toBe(0);
  expect(objects).toBeGreaterThan(KEYS / 4);
});

it('of a comparison that is one range in any case lists nothing more', async () => {
  expect(await ranges('verify', KEYS * 8)).toMatchObject({ ranges: 1, looked: { source: 0, destination: 0 } });
});

it.each([
  ['one range where listings tell', false, 1],
  ['several where every object is read', true, 2],
])('of a comparison makes %s', async (_, deep, fewest) => {
  const { ranges: count } = await ranges('verify', undefined, deep);

  expect(Math.min(count, 2)).toBe(fewest);
});

it('of a backfill looks at both sides, and closely: what is to be copied is counted by it', async () => {
  const { ranges: count, looked } = await ranges('missing', PER_RANGE);

  expect(count).toBeGreaterThanOrEqual(2);
  expect(looked.source).toBeGreaterThan(8);
  expect(looked.destination).toBe(looked.source);
});

it('of a backfill looks at fewer pages than the walk will list anyway', async () => {
  const { looked } = await ranges('missing', PER_RANGE);

  expect(looked.source).toBeLessThan(KEYS / PAGE / 2);
});
