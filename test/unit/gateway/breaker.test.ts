import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ReadingStore, withBreaker } from '../../../lib/adapters/gateway/breaker.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { Route } from '../../../lib/core/routes/route.ts';
import type { NotServed, ServedBody } from '../../../lib/ports/gateway-store.ts';
import { getObject, type ReadAnswer } from '../../../lib/usecases/gateway/read-object.ts';

const route: Route = { name: 'a-b', from: 'a', to: 'b', prefix: '', deletes: true };
const unavailable = (): TidemarkError => new TidemarkError('UNAVAILABLE', 'no answer', {});

/** A region that is asked, and answers when it is told to. */
class Region implements ReadingStore {
  asked = 0;
  answer: (signal: AbortSignal | undefined) => Promise<NotServed> = async () => ({ kind: 'absent' });

  get(_key: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<NotServed> {
    this.asked++;
    return this.answer(signal);
  }

  head(): Promise<NotServed> {
    return this.get('');
  }
}

const never = (signal: AbortSignal | undefined): Promise<NotServed> =>
  new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(unavailable()));
  });

async function times(count: number, act: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n++) await act().catch(() => undefined);
}

afterEach(() => vi.useRealTimers());

describe('a region that fails', () => {
  it('is left alone after five failures in a row', async () => {
    const region = new Region();
    region.answer = () => Promise.reject(unavailable());
    const gated = withBreaker('a', region);

    await times(8, () => gated.get('k'));

    expect(region.asked).toBe(5);
    await expect(gated.get('k')).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('left alone') });
  });

  it('is tried again by one request after five seconds, and asked as before once that was answered', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const region = new Region();
    region.answer = () => Promise.reject(unavailable());
    const gated = withBreaker('a', region);
    await times(8, () => gated.get('k'));

    vi.advanceTimersByTime(4_999);
    await times(8, () => gated.get('k'));
    expect(region.asked).toBe(5);
    vi.advanceTimersByTime(1);
    await times(8, () => gated.get('k'));
    expect(region.asked).toBe(6);
    vi.advanceTimersByTime(5_000);
    region.answer = async () => ({ kind: 'absent' });
    await times(8, () => gated.get('k'));

    expect(region.asked).toBe(14);
  });

  it('is not blamed for callers who hang up', async () => {
    const region = new Region();
    region.answer = never;
    const gated = withBreaker('a', region);

    await times(8, () => {
      const caller = new AbortController();
      const asked = gated.get('k', { signal: caller.signal });
      caller.abort();
      return asked;
    });

    expect(region.asked).toBe(8);
  });

  it('is left alone too where it is slow, and the other one answers again and again', async () => {
    const regions = { a: new Region(), b: new Region() };
    regions.a.answer = never;
    const gated = { a: withBreaker('a', regions.a), b: withBreaker('b', regions.b) };
    // Its wait is over at once.
    const clock = { now: () => 0, sleep: async () => undefined };
    const read = (): Promise<ReadAnswer<ServedBody | NotServed>> =>
      getObject(
        {
          route,
          authority: { reader: async () => ({ active: 'a', standby: 'b', epoch: 1, fresh: true }) },
          reading: (name) => (name === 'a' ? gated.a : gated.b),
          queue: { send: async () => undefined },
          clock,
        },
        'k',
        { prefer: 'active', repair: false },
      );
    regions.b.answer = async () => ({ kind: 'preconditionFailed' });

    await times(8, read);

    expect(regions).toMatchObject({ a: { asked: 5 }, b: { asked: 8 } });
  });

  it('gives what a store throws to who hung up, as it is', async () => {
    const region = new Region();
    region.answer = never;
    const caller = new AbortController();
    const asked = withBreaker('a', region).get('k', { signal: caller.signal });

    caller.abort();

    await expect(asked).rejects.toMatchObject({ code: 'UNAVAILABLE', message: 'no answer' });
  });
});
