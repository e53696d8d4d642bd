import { describe, expect, it } from 'vitest';
import { judgeCanary, markedAs, markOf } from '../../../lib/core/routes/canary.ts';
import { canaryKey, carries, inScope, type Route } from '../../../lib/core/routes/route.ts';

const EVERY = 60_000;
const NOW = 1_800_000_000_000;
const ago = (sec: number): number => NOW - sec * 1000;

describe('a canary', () => {
  it('is sent where there is none, and tells nothing yet', () => {
    expect(judgeCanary({}, EVERY, NOW)).toEqual({ delayMs: undefined, next: { sentAt: NOW, since: NOW } });
  });

  it('took as long as until it was written at the destination', () => {
    const mark = { sentAt: ago(30), since: ago(30) };

    expect(judgeCanary({ sent: mark, arrived: { ...mark, at: ago(28) } }, EVERY, NOW)).toEqual({ delayMs: 2_000, next: null });
  });

  it('took no time where the destination tells whole seconds alone', () => {
    const mark = { sentAt: ago(30), since: ago(30) };

    expect(judgeCanary({ sent: mark, arrived: { ...mark, at: mark.sentAt - 700 } }, EVERY, NOW).delayMs).toBe(0);
  });

  it('is followed by the next when its time is over', () => {
    const mark = { sentAt: ago(60), since: ago(60) };

    expect(judgeCanary({ sent: mark, arrived: { ...mark, at: ago(59) } }, EVERY, NOW).next).toEqual({ sentAt: NOW, since: NOW });
  });

  it('is late from the first on that did not arrive, however many follow', () => {
    const sent = { sentAt: ago(20), since: ago(3_600) };

    expect(judgeCanary({ sent }, EVERY, NOW)).toEqual({ delayMs: 3_600_000, next: null });
    expect(judgeCanary({ sent: { ...sent, sentAt: ago(61) } }, EVERY, NOW).next).toEqual({ sentAt: NOW, since: ago(3_600) });
  });

  it('is late by what is under way where they do arrive, only late', () => {
    const sent = { sentAt: ago(10), since: ago(86_400) };
    const arrived = { sentAt: ago(310), since: ago(86_400), at: ago(1) };

    expect(judgeCanary({ sent, arrived }, EVERY, NOW).delayMs).toBe(250_000);
  });

  it('is not late because none was sent for days', () => {
    const arrived = { sentAt: ago(86_400), since: ago(86_400), at: ago(86_400) };

    expect(judgeCanary({ sent: { sentAt: ago(5), since: ago(5) }, arrived }, EVERY, NOW).delayMs).toBe(5_000);
  });

  it('is known by its metadata alone', () => {
    const mark = { sentAt: NOW, since: ago(1) };

    expect(markOf(markedAs(mark))).toEqual(mark);
    expect(markOf({ author: 'Ada' })).toBeUndefined();
  });
});

describe('its key', () => {
  const route: Route = { name: 'a-b', from: 'a', to: 'b', prefix: 'docs/', deletes: true, canary: { everySec: 60 } };

  it('lies below the route’s prefix, carried and never listed', () => {
    expect(canaryKey(route)).toBe('docs/.tidemark-canary/a-b');
    expect([carries(route, canaryKey(route)), inScope(route, canaryKey(route))]).toEqual([true, false]);
  });

  it('is carried no further, and by nobody who sends none', () => {
    const { canary: _none, ...silent } = route;
    const next: Route = { ...route, name: 'b-c', from: 'b', to: 'c', prefix: '' };

    expect(carries(silent, canaryKey(route))).toBe(false);
    expect([carries(next, canaryKey(route)), carries(next, `from-a/${canaryKey(route)}`)]).toEqual([false, false]);
    expect(carries(next, 'docs/users-own')).toBe(true);
  });
});
