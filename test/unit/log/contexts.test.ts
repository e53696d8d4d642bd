import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ascent, ascended, rested } from '../../../lib/core/contexts/ascend.ts';
import { ancestorsOf, MAX_ANCESTORS, withContext } from '../../../lib/core/contexts/chain.ts';
import { count, counted, last, NO_WINDOWS, type OpenWindow, sum, type WindowSpec, type Windows } from '../../../lib/core/contexts/window.ts';
import type { ChangeEvent } from '../../../lib/core/log/event.ts';

const HOUR = 3_600_000;
const hourly: WindowSpec = { ...count, name: 'visits.hourly', sizeMs: HOUR, latenessMs: 600_000, keyOf: ({ collection }) => collection };

function eventAt(timestamp: number, changes: Partial<ChangeEvent> = {}): ChangeEvent {
  const sequence = changes.sequence ?? 1;
  return { id: `e${sequence}`, operation: 'INSERT', collection: 'visits', documentId: 'd', timestamp, sequence, after: { n: 2 }, ...changes };
}

/** In the order of a stream; times jump to and fro. */
const events = fc
  .array(fc.record({ timestamp: fc.integer({ min: 0, max: 8 * HOUR }), collection: fc.constantFrom('visits', 'orders') }), { maxLength: 60 })
  .map((all) => all.map((each, index) => eventAt(each.timestamp, { ...each, id: `e${index + 1}`, sequence: index + 1 })));

const sumOf = (windows: readonly OpenWindow[]): number => windows.reduce((total, { value }) => total + Number(value), 0);

describe('a chain of contexts', () => {
  const parents = new Map([
    ['tenant', 'app'],
    ['app', 'startup'],
    ['startup', 'studio'],
  ]);

  it('leads from the nearest to the root', () => {
    expect(ancestorsOf(parents, 'tenant')).toEqual(['app', 'startup', 'studio']);
    expect(ancestorsOf(parents, 'studio')).toEqual([]);
    expect(ancestorsOf(parents, 'nobody knows it')).toEqual([]);
  });

  it('is refused where it goes in a circle, with the path', () => {
    expect(() => withContext(parents, 'studio', 'app')).toThrow('studio → app → startup → studio goes in a circle');
    expect(() => withContext(parents, 'own', 'own')).toThrow('own → own goes in a circle');
  });

  it(`has ${MAX_ANCESTORS} ancestors at most, of what lies below too`, () => {
    const chain = new Map(Array.from({ length: MAX_ANCESTORS }, (_, level) => [`s${level}`, `s${level + 1}`]));

    expect(ancestorsOf(chain, 's0')).toHaveLength(MAX_ANCESTORS);
    expect(() => withContext(chain, `s${MAX_ANCESTORS}`, 'top')).toThrow(/s0 → .* → top is longer than 16/);
    expect(() => withContext(chain, 'bottom', 's0')).toThrow(/bottom → s0 → .* is longer than 16/);
  });

  it('does not change once it is given', () => {
    expect(withContext(parents, 'tenant', 'app')).toBe(parents);
    expect(() => withContext(parents, 'tenant', 'startup')).toThrow('tenant lies below app');
    expect(withContext(parents, 'tenant2', 'app').get('tenant2')).toBe('app');
  });
});

describe('a tumbling window', () => {
  const fed = (windows: Windows, ...all: readonly ChangeEvent[]) =>
    all.reduce((now, event) => counted(now.windows, hourly, event), { ...IDLE, windows });
  const IDLE = { windows: NO_WINDOWS, closed: [] as readonly OpenWindow[], inTime: true };

  it('holds what happened from its start to before its end', () => {
    const { windows } = fed(NO_WINDOWS, eventAt(HOUR), eventAt(2 * HOUR - 1), eventAt(2 * HOUR));

    expect(windows.open).toEqual([
      { start: HOUR, key: 'visits', value: 2 },
      { start: 2 * HOUR, key: 'visits', value: 1 },
    ]);
  });

  it('is open for what is late within the bound, and closed at it', () => {
    const open = fed(NO_WINDOWS, eventAt(HOUR), eventAt(2 * HOUR + 599_999));
    expect(open.closed).toEqual([]);
    const closed = fed(open.windows, eventAt(2 * HOUR + 600_000));

    expect(closed.closed).toEqual([{ start: HOUR, key: 'visits', value: 1 }]);
    expect(fed(closed.windows, eventAt(2 * HOUR - 1))).toMatchObject({ inTime: false, closed: [], windows: closed.windows });
  });

  it('counts each event once, in a window or as too late, and tells of each window once', () => {
    fc.assert(
      fc.property(events, (all) => {
        let windows = NO_WINDOWS;
        let late = 0;
        const told: OpenWindow[] = [];
        for (const event of all) {
          const next = counted(windows, hourly, event);
          expect(next.windows.watermark).toBeGreaterThanOrEqual(windows.watermark);
          if (!next.inTime) late++;
          told.push(...next.closed);
          windows = next.windows;
        }
        expect(sumOf(told) + sumOf(windows.open) + late).toBe(all.length);
        const names = told.map(({ start, key }) => `${start} ${key}`);
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('sums, and keeps the last', () => {
    const of = (aggregate: typeof count) => {
      const spec = { ...hourly, ...aggregate };
      const all = [eventAt(0), eventAt(1, { after: { n: 3 } }), eventAt(2, { after: { other: 1 } }), eventAt(3, { after: [9] })];
      return all.reduce((now, event) => counted(now, spec, event).windows, NO_WINDOWS).open[0]?.value;
    };

    expect(of(sum('n'))).toBe(5);
    expect(of(sum('constructor'))).toBe(0);
    expect(of(last)).toEqual([9]);
  });
});

describe('what comes from below', () => {
  const ascent: Ascent = {
    operations: ['INSERT', 'UPDATE'],
    transform: ({ after = null, documentId }) => (documentId === 'secret' ? null : { after: { seen: after } }),
    window: hourly,
  };

  it('names where it came from, the same all the way up', () => {
    const [first] = ascended('tenant', {}, NO_WINDOWS, [eventAt(5, { sequence: 9, before: 1 })]).drafts;
    if (!first) throw new Error('one goes up');
    const [second] = ascended('app', {}, NO_WINDOWS, [{ ...first, sequence: 1 }]).drafts;

    expect(first).toEqual({
      id: 'tenant/e9',
      operation: 'INSERT',
      collection: 'visits',
      documentId: 'd',
      timestamp: 5,
      before: 1,
      after: { n: 2 },
      source: 'tenant',
    });
    expect(second).toEqual(first);
  });

  it('is left out where a transform says null, and never goes up as it was', () => {
    const { drafts, windows } = ascended('tenant', ascent, NO_WINDOWS, [
      eventAt(5, { documentId: 'secret' }),
      eventAt(6, { operation: 'DELETE' }),
      eventAt(7),
    ]);

    expect(drafts).toMatchObject([{ after: { seen: { n: 2 } } }]);
    // It counts all the same.
    expect(sumOf(windows.open)).toBe(2);
  });

  it('is parked where a function fails on it, alone, and not counted', () => {
    const failing: Ascent = {
      ...ascent,
      transform: ({ sequence }) => {
        if (sequence === 2) throw new Error('no such thing');
        return {};
      },
    };
    const { drafts, parked, windows } = ascended(
      'tenant',
      failing,
      NO_WINDOWS,
      [1, 2, 3].map((sequence) => eventAt(5, { sequence, id: `e${sequence}` })),
    );

    expect(drafts.map(({ id }) => id)).toEqual(['tenant/e1', 'tenant/e3']);
    expect(parked).toMatchObject([{ event: { sequence: 2 }, why: expect.stringContaining('no such thing') }]);
    expect(sumOf(windows.open)).toBe(2);
  });

  it('comes to the same however it is cut into batches: so a batch that was begun can be made again', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(60), { maxLength: 5 }), (all, cuts) => {
        const whole = ascended('tenant', ascent, NO_WINDOWS, all);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), all.length];
        let windows = NO_WINDOWS;
        const parts = edges.slice(1).map((end, index) => {
          const part = ascended('tenant', ascent, windows, all.slice(edges[index], end));
          windows = part.windows;
          return part;
        });
        expect(parts.flatMap(({ drafts }) => drafts)).toEqual(whole.drafts);
        expect(parts.flatMap(({ parked }) => parked)).toEqual(whole.parked);
        expect(windows).toEqual(whole.windows);
        const ids = whole.drafts.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('closes its windows when time goes on though nothing comes', () => {
    const { windows } = ascended('tenant', ascent, NO_WINDOWS, [eventAt(5)]);

    expect(rested('tenant', ascent, windows, HOUR + 599_999).drafts).toEqual([]);
    const { drafts, windows: none } = rested('tenant', ascent, windows, HOUR + 600_000);
    expect(drafts).toMatchObject([
      { collection: 'visits.hourly', documentId: '1970-01-01T00:00:00.000Z/visits', after: { start: 0, end: HOUR, value: 1 } },
    ]);
    expect(rested('tenant', ascent, none, 9 * HOUR).drafts).toEqual([]);
  });
});
