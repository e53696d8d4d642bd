/** The call of an observer: its rounds, by a clock that nobody waits for. */
import { describe, expect, it } from 'vitest';
import { makeObserverHandler, type ObserverDeps } from '../../lambdas/observer/handler.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import { begin } from '../../lib/core/gateway/control.ts';
import type { SteadyClock } from '../../lib/ports/system.ts';
import type { ProbeRound } from '../../lib/usecases/gateway/probe-round.ts';

/** Time goes by where somebody sleeps. */
class Jumping implements SteadyClock {
  at = 1_000_000;

  now(): number {
    return this.at;
  }

  monotonic(): number {
    return this.at;
  }

  async sleep(ms: number): Promise<void> {
    this.at += Math.max(0, ms);
  }
}

const RULES = { regions: ['one', 'two'], first: 'one', mode: 'auto', leaseMs: 10_000 } as const;
const ROUND: ProbeRound = { probes: {}, state: null, decision: null, switchedTo: null, record: begin(RULES, { at: 0, by: 'system', intent: 1 }) };

function world(look: (round: number, clock: Jumping) => Promise<ProbeRound | null>, publish: ObserverDeps['publish'] = async () => undefined) {
  const clock = new Jumping();
  const begun = clock.at;
  const looks: number[] = [];
  const told: ProbeRound[] = [];
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  const handler = makeObserverHandler({
    clock,
    log: { debug: say, info: say, warn: say, error: say },
    look: () => {
      looks.push((clock.at - begun) / 1000);
      return look(looks.length, clock);
    },
    publish,
    tell: async (round) => void told.push(round),
  });
  return { handler, looks, told, lines };
}

const unreachable = (): Promise<never> => Promise.reject(new TidemarkError('UNAVAILABLE', 'the control table does not answer'));

describe('an observer', () => {
  it('looks four times a minute, a quarter apart, and tells once how it is', async () => {
    const { handler, looks, told } = world(async () => ROUND);

    await handler();

    expect(looks).toEqual([0, 15, 30, 45]);
    expect(told).toEqual([ROUND]);
  });

  it('keeps the distance of its rounds where one takes long: what is missed is left out, not made up for', async () => {
    const { handler, looks } = world(async (round, clock) => {
      if (round === 1) clock.at += 25_000;
      return ROUND;
    });

    await handler();

    expect(looks).toEqual([0, 30, 45]);
  });

  it('goes on after a round that came to nothing, and says why', async () => {
    const { handler, looks, told, lines } = world((round) => (round === 2 ? unreachable() : Promise.resolve(ROUND)));

    await handler();

    expect(looks).toHaveLength(4);
    expect(told).toHaveLength(1);
    expect(lines).toEqual(['a round of probes came to nothing']);
  });

  it('looks although nobody can be told how far the route is', async () => {
    const { handler, looks, told } = world(async () => ROUND, unreachable);

    await handler();

    expect(looks).toHaveLength(4);
    expect(told).toHaveLength(1);
  });

  it('tells nothing, and fails at nothing, where there is nothing to look at yet', async () => {
    const { handler, looks, told } = world(async () => null);

    await handler();

    expect(looks).toHaveLength(4);
    expect(told).toEqual([]);
  });

  it('fails where it saw nothing at all, and tells nothing: that is an alarm', async () => {
    const { handler, told } = world(unreachable);

    await expect(handler()).rejects.toThrow('the control table does not answer');

    expect(told).toEqual([]);
  });

  it('says aloud that it switched', async () => {
    const { handler, lines } = world(async (round) => (round === 3 ? { ...ROUND, switchedTo: 2 } : ROUND));

    await handler();

    expect(lines).toEqual(['the active region failed; another one is active']);
  });
});
