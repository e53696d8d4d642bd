import { describe, expect, it } from 'vitest';
import { begin, switched } from '../../../lib/core/gateway/control.ts';
import { type Decision, decide } from '../../../lib/core/gateway/decide.ts';
import { count, type ObserverState } from '../../../lib/core/gateway/observer.ts';
import { RULES } from './support.ts';

const FIRST = begin(RULES, { at: 0, by: 'system', intent: 1 });
const failedOver = (kind: 'auto' | 'promote', forced: boolean) =>
  switched(FIRST, { to: 'west', kind, forced, at: 0, by: 'someone', why: '', intent: 2 }, 10_000);

/** Rounds, the oldest first: `.` answers, `x` fails; of east and of west. */
function seen(
  east: string,
  west: string,
  { sits = null, epoch = 1, everyMs = 15_000 }: { sits?: string | null; epoch?: number; everyMs?: number } = {},
): ObserverState {
  let state: ObserverState | null = null;
  for (const [index, mark] of [...east].entries()) {
    const probes = { east: mark === 'x' ? 'no answer' : null, west: west[index] === 'x' ? 'no answer' : null };
    state = count(state, { observer: 'o', sits, epoch, at: 1_000_000 + index * everyMs, probes });
  }
  if (!state) throw new Error('no rounds');
  return state;
}

const why = (decision: Decision): string => (decision.act === 'switch' ? `to ${decision.to}` : decision.why);

describe('an observer', () => {
  it.each([
    ['three failures in a row', '...xxx', '......', 'to west'],
    ['two', '....xx', '......', 'the active region is not condemned'],
    ['three with an answer between', '..xx.x', '......', 'the active region is not condemned'],
    ['three, and the other one fails', '...xxx', '.....x', 'the other region is not fit'],
    ['three, and the other one has just come back', '...xxx', 'xxxx..', 'the other region is not fit'],
    ['three, and the other one has been back for three rounds', '...xxx', 'xxx...', 'to west'],
    ['three from the beginning', 'xxx', '...', 'to west'],
    ['many', 'xxxxxxxxx', '.........', 'to west'],
  ])('decides after %s of the active region', (_what, east, west, outcome) => {
    expect(why(decide(FIRST, seen(east, west), RULES))).toBe(outcome);
  });

  it('switches only in auto mode, after three failures in a row of a region that it does not run in, to one that is fit', () => {
    const rules = { ...RULES, mode: 'manual' } as const;

    expect(why(decide(FIRST, seen('xxx', '...'), rules))).toBe('only people switch');
    expect(why(decide(FIRST, seen('xxx', '...', { sits: 'east' }), RULES))).toBe('the active region is not condemned');
    expect(why(decide(FIRST, seen('xxx', '...', { sits: 'west' }), RULES))).toBe('to west');
  });

  it.each([
    ['auto', false, true],
    ['promote', true, true],
    ['promote', false, false],
  ] as const)('leaves a switch of an observer, and a forced one, alone for twenty rounds', (kind, forced, rests) => {
    const record = failedOver(kind, forced);
    const rounds = (number: number): ObserverState => seen('.'.repeat(number), 'x'.repeat(number), { epoch: 2 });

    expect(why(decide(record, rounds(20), RULES))).toBe(rests ? 'the last switch is too young' : 'to east');
    expect(why(decide(record, rounds(21), RULES))).toBe('to east');
  });

  it('has no reason to switch in that the first region is back', () => {
    expect(why(decide(failedOver('auto', false), seen('.'.repeat(50), '.'.repeat(50), { epoch: 2 }), RULES))).toBe(
      'the active region is not condemned',
    );
  });

  it('begins anew with a new epoch', () => {
    const before = seen('xx.', 'xxx');
    const after = count(before, { observer: 'o', sits: null, epoch: 2, at: before.at + 15_000, probes: { east: null, west: 'no answer' } });

    expect(after).toMatchObject({ rounds: 1, version: 4, regions: { west: { failures: 1, doubted: true }, east: { failures: 0, doubted: true } } });
  });

  it('forgets what it counted before a long pause', () => {
    const before = seen('xx', '..');
    const later = count(before, { observer: 'o', sits: null, epoch: 1, at: before.at + 7_200_000, probes: { east: 'no answer', west: null } });

    expect(later.regions).toMatchObject({ east: { failures: 1 }, west: { answers: 1 } });
  });
});
