/** The canary over two folders, with the clock in the test's hand. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookAtCanaries } from '../../lambdas/shared/look-at-canaries.ts';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { reconcile } from '../../lib/usecases/reconcile.ts';
import { HandlerWorld, notification } from '../fixtures/handler-world.ts';

const ROUTE = 'primary-secondary';
const KEY = `.tidemark-canary/${ROUTE}`;
const routes = [{ from: 'primary', to: 'secondary', destinationPrefix: 'copy/', canary: { everySec: 60 } }];

let world: HandlerWorld;
const canaries = new Map<string, number>();

beforeEach(async () => {
  canaries.clear();
  world = await HandlerWorld.create({ routes });
});
afterEach(() => world.dispose());

const look = async (): Promise<number | undefined> => {
  await lookAtCanaries(world.runtime, canaries);
  return canaries.get(ROUTE);
};

/** What the folder's watch or the store tells of it. */
async function tell(): Promise<void> {
  await world.queue.send([{ body: JSON.stringify(notification(KEY)) }]);
  await world.drain();
}

it('goes the way of a user’s object, and its delay is known once it has arrived', async () => {
  expect(await look()).toBeUndefined();
  world.clock.advance(5_000);
  expect(await look()).toBeGreaterThanOrEqual(5_000);

  await tell();
  const delay = await look();
  world.clock.advance(20_000);

  expect(delay).toBeGreaterThanOrEqual(5_000);
  expect(await look()).toBe(delay);
  expect((await world.destination.head(`copy/${KEY}`)).present).toBe(true);
});

it('is late for as long as nothing arrives, and well again with the next that does', async () => {
  await look();
  await tell();
  for (let minute = 0; minute < 5; minute++) {
    world.clock.advance(60_000);
    await look();
  }
  const late = await look();
  await tell();

  expect(late).toBeGreaterThanOrEqual(4 * 60_000);
  expect(await look()).toBeLessThan(60_000);
});

it('is not brought across by a comparison: what it shows is that events are', async () => {
  await look();
  const [route] = world.runtime.routes;
  if (!route) throw new Error('there is a route');
  const { link } = await world.runtime.link(route);

  expect(await reconcile(world.runtime, route, link, 0)).toMatchObject({ queued: 0 });
});

it('has no delay where it cannot be sent, and the log says why', async () => {
  await world.dispose();
  const denied = new TidemarkError('ACCESS_DENIED', 'nobody may write here');
  world = await HandlerWorld.create({
    routes,
    instead: ({ store }) => ({
      store: (region) =>
        region === 'primary'
          ? Object.assign(new FolderBucket(world.root(region), { clock: world.clock }), { write: () => Promise.reject(denied) })
          : store(region),
    }),
  });
  canaries.set(ROUTE, 17);

  expect(await look()).toBeUndefined();
  expect(world.lines).toMatchObject([{ level: 'warn', fields: { route: ROUTE, code: 'ACCESS_DENIED' } }]);
});

it('keeps nobody waiting where a side never answers', async () => {
  await world.dispose();
  const hangs = { head: () => new Promise<never>(() => undefined) };
  world = await HandlerWorld.create({
    routes,
    instead: ({ clock }) => ({
      clock: { now: () => clock.now(), sleep: () => Promise.resolve() },
      store: (region) => Object.assign(new FolderBucket(world.root(region), { clock }), hangs),
    }),
  });

  expect(await look()).toBeUndefined();
  expect(world.lines).toMatchObject([{ level: 'warn', fields: { route: ROUTE, code: 'UNAVAILABLE' } }]);
});
