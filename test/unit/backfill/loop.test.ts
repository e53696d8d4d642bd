/** The embedded host's workflow: a step that fails for good fails the backfill, which is then resumed; a host that stops leaves it to the next. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeBackfillHandler } from '../../../lambdas/backfill/handler.ts';
import type { Runtime } from '../../../lambdas/shared/runtime.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { BackfillLoop } from '../../../lib/local/backfill-loop.ts';
import type { Clock } from '../../../lib/ports/system.ts';
import { HandlerWorld } from '../../fixtures/handler-world.ts';

/** Waits for nothing but the others' turn, and remembers how long it was asked to. */
class HastyClock implements Clock {
  readonly slept: number[] = [];
  now(): number {
    return Date.now();
  }
  sleep(ms: number): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve) => setImmediate(resolve));
  }
}

let world: HandlerWorld;
let clock: HastyClock;
let loop: BackfillLoop;
let broken: TidemarkError | null;

/** With a destination that fails as `broken` says. */
function newLoop(runtime: Runtime): BackfillLoop {
  const made = new BackfillLoop({ jobs: runtime.backfills, clock, log: runtime.log });
  const link: Runtime['link'] = (route) => (broken ? Promise.reject(broken) : runtime.link(route));
  made.use(makeBackfillHandler({ ...runtime, link }, { mostWaiting: 1_000, patienceMs: 0, signal: made.signal }));
  return made;
}

beforeEach(async () => {
  clock = new HastyClock();
  broken = null;
  // The API starts whatever loop the test has then.
  const workflow: Runtime['workflow'] = { start: (job) => loop.start(job), stop: () => loop.stop() };
  world = await HandlerWorld.create({ instead: () => ({ workflow }) });
  loop = newLoop(world.runtime);
  for (const key of ['a', 'b', 'c']) await world.put(key, key);
});

afterEach(async () => {
  await loop.close();
  await world.dispose();
});

const ASK = { srcRegion: 'primary', dstRegion: 'secondary', mode: 'all' };
const view = async (id: unknown): Promise<Record<string, unknown>> => (await world.call('GET', `/backfill/${String(id)}`)).body;

it('fails visibly once a step failed for good, and goes on when it is resumed', async () => {
  broken = new TidemarkError('ACCESS_DENIED', 'the list was refused');
  const { body } = await world.call('POST', '/backfill', ASK);

  await expect.poll(async () => (await view(body.id)).status).toBe('failed');

  expect(await view(body.id)).toMatchObject({ failure: { code: 'ACCESS_DENIED', message: 'the list was refused' }, listed: 0 });
  expect(clock.slept).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 64_000]);
  broken = null;
  expect((await world.call('POST', `/backfill/${String(body.id)}/resume`)).status).toBe(202);
  await expect.poll(async () => (await view(body.id)).status).toBe('done');
  expect(await view(body.id)).toMatchObject({ failure: null, listed: 3, enqueued: 3 });
});

it('waits for an endpoint that is down, however long, and fails nothing', async () => {
  const { runtime } = world;
  const job = (await world.call('POST', '/backfill', ASK)).body;
  await expect.poll(async () => (await view(job.id)).status).toBe('done');
  broken = new TidemarkError('UNAVAILABLE', 'it does not answer');
  const handler = makeBackfillHandler({ ...runtime, link: () => Promise.reject(broken) }, { mostWaiting: 1, patienceMs: 0 });
  const stored = await runtime.backfills.get(String(job.id));
  if (!stored) throw new Error('it was stored');
  const open = { ...stored, id: 'open', version: 1, status: 'running' } as const;
  await runtime.backfills.put(open, 0);

  const answer = await handler({ action: 'walk', id: 'open', index: 0 }, { getRemainingTimeInMillis: () => 60_000 });

  expect(answer).toEqual({ state: 'later' });
});

it('is left where it is by a host that stops, and taken up by the next', async () => {
  await loop.close();
  const { body } = await world.call('POST', '/backfill', ASK);
  expect((await view(body.id)).status).toBe('planning');

  loop = newLoop(world.runtime);
  expect(await loop.recover()).toBe(1);

  await expect.poll(async () => (await view(body.id)).status).toBe('done');
  expect(await newLoop(world.runtime).recover()).toBe(0);
});

it('is not begun twice', async () => {
  const { body } = await world.call('POST', '/backfill', ASK);
  const stored = await world.runtime.backfills.get(String(body.id));
  if (!stored) throw new Error('it was stored');

  await Promise.all([loop.start(stored), loop.start(stored), loop.recover()]);

  await expect.poll(async () => (await view(body.id)).status).toBe('done');
  expect(await view(body.id)).toMatchObject({ listed: 3, enqueued: 3 });
});
