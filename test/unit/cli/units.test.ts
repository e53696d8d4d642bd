import { describe, expect, it } from 'vitest';
import { ago, bytes, count, duration, some, time } from '../../../lib/cli/text/units.ts';

describe('figures for people', () => {
  it.each([
    [0, '0 B'],
    [1023, '1,023 B'],
    [1536, '1.5 KiB'],
    [150 * 1024 * 1024, '150 MiB'],
    [5 * 1024 ** 4, '5.0 TiB'],
  ])('%i bytes are %s', (size, text) => expect(bytes(size)).toBe(text));

  it.each([
    [0, '0 s'],
    [420, '0.4 s'],
    [59_600, '1 min'],
    [190_000, '3 min 10 s'],
    [2 * 3_600_000 + 5 * 60_000 + 7_000, '2 h 5 min'],
    [100 * 3_600_000, '4 d 4 h'],
  ])('%i ms are %s', (ms, text) => expect(duration(ms)).toBe(text));

  it('counts, names and tells times', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect([some(1, 'key'), some(2, 'key'), some(0, 'retry', 'retries')]).toEqual(['1 key', '2 keys', '0 retries']);
    expect(ago(1_000, 500)).toBe('0 s ago');
    expect(time(Date.UTC(2026, 10, 21, 18, 47, 51))).toBe('2026-11-21 18:47:51Z');
  });
});
