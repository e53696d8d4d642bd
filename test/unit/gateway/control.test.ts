import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, type ControlRecord, opened, switched, told, untold } from '../../../lib/core/gateway/control.ts';
import { otherRegion } from '../../../lib/core/gateway/rules.ts';
import { RULES } from './support.ts';

const FIRST = begin(RULES, { at: 1, by: 'system', intent: 1 });

type Step = { readonly do: 'switch' | 'open' | 'tell'; readonly leaseMs: number };

const steps = fc.array(fc.record({ do: fc.constantFrom('switch', 'open', 'tell'), leaseMs: fc.constantFrom(5_000, 10_000, 30_000) }), {
  maxLength: 40,
});

function next(record: ControlRecord, { do: step, leaseMs }: Step, intent: number): ControlRecord {
  if (step === 'open') return record.open ? record : opened(record);
  const open = untold(record);
  if (step === 'tell') return open ? told(record, open.intent, intent) : record;
  const to = otherRegion(RULES.regions, record.active);
  return switched(record, { to, kind: 'promote', forced: false, at: intent, by: 'someone', why: 'asked for', intent }, leaseMs);
}

function history(all: readonly Step[]): readonly ControlRecord[] {
  const records: ControlRecord[] = [FIRST];
  for (const [index, step] of all.entries()) records.push(next(records.at(-1) ?? FIRST, step, index + 2));
  return records.filter((record, index) => record !== records[index - 1]);
}

describe('the control record', () => {
  it('keeps one active region in each epoch, whatever is done to the record', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const active = new Map<number, string>();
        return history(all).every((record) => {
          const known = active.get(record.epoch) ?? record.active;
          active.set(record.epoch, record.active);
          return known === record.active && record.switches[0].to === record.active && record.switches[0].epoch === record.epoch;
        });
      }),
    );
  });

  it('grows by one version with every write, and by one epoch with every switch', () => {
    fc.assert(
      fc.property(steps, (all) =>
        history(all).every((record, index, records) => {
          const before = records[index - 1];
          if (!before) return true;
          const isSwitch = record.epoch !== before.epoch;
          return (
            record.version === before.version + 1 && (isSwitch ? record.epoch === before.epoch + 1 && !record.open : record.open || !before.open)
          );
        }),
      ),
    );
  });

  it('stays closed for the longest lease of an epoch that may still be written in', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let longest = 0;
        return history(all).every((record, index, records) => {
          const before = records[index - 1];
          if (before && record.epoch !== before.epoch) longest = before.open ? before.leaseMs : Math.max(longest, before.leaseMs);
          return record.closedMs === longest;
        });
      }),
    );
  });

  it('keeps the newest switches, and finds the oldest that nobody told of', () => {
    const records = history(Array.from({ length: 20 }, () => ({ do: 'switch', leaseMs: 10_000 })));
    const last = records.at(-1) ?? FIRST;

    expect(last.switches.map(({ epoch }) => epoch)).toEqual([21, 20, 19, 18, 17, 16, 15, 14, 13, 12]);
    expect(untold(last)?.epoch).toBe(12);
    expect(untold(told(last, untold(last)?.intent ?? 0, 99))?.epoch).toBe(13);
  });
});
