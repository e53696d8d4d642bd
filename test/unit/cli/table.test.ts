import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { progressLine } from '../../../lib/cli/text/bar.ts';
import { table } from '../../../lib/cli/text/table.ts';
import { cutEnd, cutMiddle, visible, visibleJson, widthOf } from '../../../lib/cli/text/visible.ts';
import { wrapped } from '../../../lib/cli/text/wrapped.ts';

const COLUMNS = [{ title: 'STATUS' }, { title: 'KEY', cut: 'middle' }, { title: 'SIZE', align: 'right' }, { title: 'WHY', cut: 'end' }] as const;
/** Any text that a key may be, hostile ones among them. */
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('what a key looks like in a terminal', () => {
  it.each([
    ['plain/key.txt', 'plain/key.txt'],
    ['naïve/日本語/👍🏽.txt', 'naïve/日本語/👍🏽.txt'],
    ['\x1b[31mred', '\\e[31mred'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\x07\x9b2J', '\\u{7}\\u{9b}2J'],
    ['gpj.\u202etxt', 'gpj.\\u{202e}txt'],
    ['a\u2028b', 'a\\u{2028}b'],
    ['\ud800', '\\u{d800}'],
  ])('%j is shown as %j', (key, shown) => {
    expect(visible(key)).toBe(shown);
  });

  it('never holds what a terminal obeys', () => {
    const obeyed = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
    fc.assert(fc.property(anyText, (text) => !obeyed.test(visible(text))));
  });

  it('is the same value as JSON, with nothing in it that a terminal obeys', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = visibleJson(JSON.stringify({ text }, null, 2));
        expect(JSON.parse(shown)).toEqual({ text });
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
    expect(visibleJson('"\x9b31m\u202e"')).toBe('"\\u009b31m\\u202e"');
  });

  it('keeps its beginning and its end when it is cut', () => {
    expect(cutMiddle('reports/2026/november/summary-final.csv', 20)).toBe('reports/20…final.csv');
    expect(cutMiddle('日本語日本語', 7)).toBe('日…本語');
    expect(cutEnd('a long sentence', 7)).toBe('a long…');
  });

  it('is never wider than it may be', () => {
    fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => widthOf(cutMiddle(visible(text), width)) <= width));
    fc.assert(fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => widthOf(cutEnd(visible(text), width)) <= width));
  });
});

describe('a table', () => {
  it('aligns its columns, and ends no line in spaces', () => {
    const rows = [
      ['done', 'a.txt', '6 B', ''],
      ['error', '日本/b.txt', '12 B', 'ACCESS_DENIED: no'],
    ];

    expect(table(COLUMNS, rows, Number.POSITIVE_INFINITY)).toBe(
      ['STATUS  KEY         SIZE  WHY', 'done    a.txt        6 B', 'error   日本/b.txt  12 B  ACCESS_DENIED: no', ''].join('\n'),
    );
  });

  it('fits the width by cutting what may be cut, the widest first', () => {
    const rows = [['error', 'reports/2026/november/summary.csv', '1 B', 'ACCESS_DENIED: PutObject on bucket acme was answered 403']];

    expect(table(COLUMNS, rows, 60)).toBe(
      ['STATUS  KEY                     SIZE  WHY', 'error   reports/202…ummary.csv   1 B  ACCESS_DENIED: PutObj…', ''].join('\n'),
    );
  });

  it('becomes a block a row where there is no room for it, and then fits, too', () => {
    const rows = [
      ['superseded', 'reports/2026/november/summary.csv', '1 B', ''],
      ['error', 'b.txt', '', 'ACCESS_DENIED: PutObject on bucket acme was answered 403'],
    ];

    expect(table(COLUMNS, rows, 24)).toBe(
      ['STATUS  superseded', 'KEY     reports/…ary.csv', 'SIZE    1 B', '', 'STATUS  error', 'KEY     b.txt', 'WHY     ACCESS_DENIED: …', ''].join(
        '\n',
      ),
    );
    expect(table(COLUMNS, [], 10)).toBe('STATUS  KEY  SIZE  WHY\n');
  });

  it('fits any width that has room for what cannot be cut, whatever the keys are', () => {
    const row = fc.tuple(fc.constantFrom('done', 'superseded'), anyText, fc.constantFrom('1 B', '999.9 KiB'), anyText).map((cells) => [...cells]);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 50, max: 120 }), (rows, width) => {
        const lines = table(COLUMNS, rows, width).trimEnd().split('\n');
        return lines.length === rows.length + 1 && lines.every((line) => widthOf(line) <= width);
      }),
    );
  });
});

describe('other text', () => {
  it('draws a bar with its part in a hundred, and none where the whole is not known', () => {
    expect(progressLine({ done: 1, total: 2, text: 'listed 1 of 2' }, 80)).toBe('████████████░░░░░░░░░░░░  50 %  listed 1 of 2');
    expect(progressLine({ done: 5, total: null, text: 'planning' }, 80)).toBe('planning');
    expect(progressLine({ done: 9, total: 2, text: 'more than thought' }, 80)).toContain('100 %');
    expect(widthOf(progressLine({ done: 1, total: 2, text: 'listed 1 of 2' }, 16))).toBe(16);
  });

  it('lets the bar give way to the words where there is little room', () => {
    const progress = { done: 1, total: 2, text: 'listed 1 of 2 · 310/s · 12 s left' };

    expect(progressLine(progress, 60)).toBe('█████████░░░░░░░░░░  50 %  listed 1 of 2 · 310/s · 12 s left');
    expect(widthOf(progressLine(progress, 60))).toBe(60);
    expect(progressLine(progress, 45)).toBe('50 %  listed 1 of 2 · 310/s · 12 s left');
  });

  it('wraps paragraphs at words', () => {
    expect(wrapped('one two three four', 12, 2)).toBe('  one two\n  three four\n');
    expect(wrapped('incomprehensibilities', 8, 2)).toBe('  incomprehensibilities\n');
  });
});
