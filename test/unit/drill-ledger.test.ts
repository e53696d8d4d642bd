/** What judges the drills must itself find what is wrong. */
import { describe, expect, it } from 'vitest';
import { bodyOf, versionOf } from '../drills/support/body.ts';
import { Ledger, type Verdict, type Write } from '../drills/support/ledger.ts';

const NOTHING: Verdict = { lost: [], late: [], ghosts: [], split: [] };

/** Attempts on key `a`, one after the other. */
function judge(attempts: readonly Partial<Write>[], final: number | null): Verdict {
  const ledger = new Ledger();
  attempts.forEach((attempt, at) => {
    ledger.write({ key: 'a', version: at + 1, begun: at, ended: at + 0.5, end: 'acked', through: 'it', region: 'one', epoch: 1, ...attempt });
  });
  return ledger.judge(new Map(final === null ? [] : [['a', final]]));
}

const unknown: Partial<Write> = { end: 'unknown' };
const refused: Partial<Write> = { end: 'refused' };
const moved: Partial<Write> = { region: 'two', epoch: 2 };

describe('the ledger of a drill', () => {
  it.each<[string, readonly Partial<Write>[], number | null]>([
    ['what was acknowledged last is there', [{}, {}], 2],
    ['a later write without an answer is there', [{}, unknown], 2],
    ['nothing was acknowledged, and nothing is there', [unknown, refused], null],
    ['the epoch moved on', [{}, moved], 2],
  ])('finds nothing where %s', (_, attempts, final) => {
    expect(judge(attempts, final)).toEqual(NOTHING);
  });

  it.each<[string, readonly Partial<Write>[], number | null]>([
    ['is gone', [{}], null],
    ['went back to an older one', [{}, {}], 1],
    ['became what nobody wrote', [{}], 7],
  ])('calls lost what was acknowledged and %s', (_, attempts, final) => {
    expect(judge(attempts, final).lost).toHaveLength(1);
  });

  it('tells of a write without an answer that landed after a later one', () => {
    expect(judge([unknown, {}], 1)).toEqual({ ...NOTHING, late: [expect.stringContaining('a: 2')] });
  });

  it('tells of a write that was refused and is there', () => {
    expect(judge([refused], 1).ghosts).toHaveLength(1);
    expect(judge([{}, refused], 2).ghosts).toHaveLength(1);
  });

  it.each<[string, readonly Partial<Write>[]]>([
    ['in one epoch', [{}, { region: 'two' }]],
    ['in a former epoch, begun after a later one had acknowledged', [moved, {}]],
  ])('calls it a split where a second region was written %s', (_, attempts) => {
    expect(judge(attempts, 2).split).toHaveLength(1);
  });

  it('calls it no split where a write of the former epoch was under way when the next one began', () => {
    expect(
      judge(
        [
          { begun: 0, ended: 9 },
          { ...moved, begun: 3, ended: 4 },
        ],
        2,
      ).split,
    ).toEqual([]);
  });

  it('knows a torn object', () => {
    const body = bodyOf('a', 3, 100);

    expect(versionOf('a', body)).toBe(3);
    expect(versionOf('a', body.replace('x', 'y'))).toBeNull();
    expect(versionOf('b', body)).toBeNull();
    expect(versionOf('a', body.slice(0, 50))).toBeNull();
  });
});
