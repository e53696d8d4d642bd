/** What every control store promises. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { begin, type ControlRecord, opened, switched } from '../../lib/core/gateway/control.ts';
import { count, type ObserverState } from '../../lib/core/gateway/observer.ts';
import type { ControlStore } from '../../lib/ports/control.ts';

export interface ControlUnderTest {
  /** Of a process, and of another one. */
  readonly control: ControlStore;
  readonly others: ControlStore;
  readonly dispose: () => unknown;
}

const RULES = { regions: ['east', 'west'], first: 'east', mode: 'auto', leaseMs: 10_000 } as const;
const FIRST = begin(RULES, { at: 1_000, by: 'system', intent: 1 });

function switchedBy(by: string, from: ControlRecord, intent: number): ControlRecord {
  return switched(from, { to: 'west', kind: 'auto', forced: false, at: 2_000, by, why: 'östlich: "…" failed\u0000', intent }, 10_000);
}

function roundOf(observer: string, state: ObserverState | null, problem: string | null = null): ObserverState {
  return count(state, { observer, sits: null, epoch: 1, at: 5_000, probes: { east: problem, west: null } });
}

export function controlContract(name: string, factory: () => Promise<ControlUnderTest>): void {
  describe(`control store: ${name}`, () => {
    let subject: ControlUnderTest;
    beforeEach(async () => {
      subject = await factory();
    });
    afterEach(() => subject.dispose());

    it('holds nothing at first', async () => {
      const { control } = subject;

      expect(await control.read()).toBeNull();
      expect(await control.observer('o')).toBeNull();
      expect(await control.observers()).toEqual([]);
      expect(await control.watermarks()).toEqual([]);
    });

    it('begins once, whoever else begins', async () => {
      const { control, others } = subject;
      const other = { ...FIRST, active: 'west' };

      expect(await control.swap(FIRST, 0)).toBe(true);
      expect(await others.swap(other, 0)).toBe(false);
      expect(await others.read()).toEqual(FIRST);
    });

    it('shows every write to everyone at once, whole', async () => {
      const { control, others } = subject;
      await control.swap(FIRST, 0);
      const next = switchedBy('observer:o', FIRST, 2);

      expect(await others.swap(next, 1)).toBe(true);
      expect(await control.read()).toEqual(next);
      expect(await control.swap(opened(next), 2)).toBe(true);
      expect(await others.read()).toEqual(opened(next));
    });

    it('refuses a write on a version that is not stored, a greater one too, and changes nothing then', async () => {
      const { control } = subject;
      expect(await control.swap(switchedBy('a', FIRST, 2), 1)).toBe(false);
      expect(await control.read()).toBeNull();
      await control.swap(FIRST, 0);
      const next = switchedBy('a', FIRST, 2);
      await control.swap(next, 1);

      expect(await control.swap(switchedBy('b', FIRST, 3), 1)).toBe(false);
      expect(await control.swap(switchedBy('b', { ...next, version: 3 }, 3), 3)).toBe(false);
      expect(await control.read()).toEqual(next);
    });

    it('lets one of many at once through', async () => {
      const { control, others } = subject;
      await control.swap(FIRST, 0);

      const wins = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? control : others).swap(switchedBy(`o${at}`, FIRST, 10 + at), 1)),
      );

      expect(wins.filter(Boolean)).toHaveLength(1);
      expect((await control.read())?.switches[0].intent).toBe(10 + wins.indexOf(true));
    });

    it('keeps the counters of each observer, by compare-and-swap', async () => {
      const { control, others } = subject;
      const one = roundOf('one', null, 'no answer');
      const two = roundOf('two', null);

      expect(await control.putObserver(one, 0)).toBe(true);
      expect(await control.putObserver(two, 0)).toBe(true);
      expect(await others.putObserver(roundOf('one', null), 0)).toBe(false);
      const next = roundOf('one', one);
      expect(await others.putObserver(next, 1)).toBe(true);
      expect(await control.putObserver(roundOf('one', one, 'again'), 1)).toBe(false);
      expect(await control.observer('one')).toEqual(next);
      expect(await control.observers()).toEqual([next, two]);
      expect(await control.read()).toBeNull();
    });

    it('keeps the newest watermark of each route, however late an older one comes', async () => {
      const { control, others } = subject;
      const at = (route: string, time: number) => ({ route, at: time, through: time - 500, open: 3, failedSince: null });
      await control.putWatermark(at('a-b', 2_000));
      await others.putWatermark(at('c-d', 1_000));
      await others.putWatermark(at('a-b', 1_000));
      await control.putWatermark(at('c-d', 3_000));

      expect(await control.watermarks()).toEqual([at('a-b', 2_000), at('c-d', 3_000)]);
    });
  });
}
