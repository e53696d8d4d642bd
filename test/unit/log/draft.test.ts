import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFields } from '../../../lib/core/log/changed-fields.ts';
import { checkAppend, draftOf, written } from '../../../lib/core/log/draft.ts';
import type { Json } from '../../../lib/core/log/event.ts';
import { MAX_APPEND_BYTES, MAX_APPEND_EVENTS, MAX_EVENT_BYTES } from '../../../lib/core/log/rules.ts';
import { aTold, aWritten } from '../../fixtures/log-events.ts';

class Money {
  readonly cents = 1;
}

const circle: Record<string, unknown> = { name: 'a' };
circle.self = { circle };
let deep: unknown = 1;
for (let level = 0; level < 200; level++) deep = [deep];

describe('an event as it is told', () => {
  it('keeps what was told, and says of an update what changed', () => {
    const told = aTold({
      operation: 'UPDATE',
      before: { total: 1, city: 'Oslo' },
      after: { total: 2, city: 'Oslo' },
      source: 's',
      correlationId: 'c',
    });

    expect(draftOf(told)).toEqual({ ...told, changedFields: ['/total'] });
  });

  it('has no changed fields unless both states are told', () => {
    for (const told of [aTold({ after: {} }), aTold({ operation: 'UPDATE', after: {} }), aTold({ operation: 'DELETE', before: {} })])
      expect(draftOf(told)).not.toHaveProperty('changedFields');
  });

  it.each([
    [{ operation: 'UPSERT' }, 'operation'],
    [{ documentId: undefined }, 'documentId'],
    [{ documentId: '' }, 'documentId'],
    [{ documentId: 4711 }, 'documentId'],
    [{ collection: 'x'.repeat(1_025) }, 'collection'],
    [{ id: 'a\u0000b' }, 'id'],
    [{ id: '\ud800' }, 'id'],
    [{ timestamp: Number.NaN }, 'timestamp'],
    [{ timestamp: -1 }, 'timestamp'],
    [{ timestamp: new Date() }, 'timestamp'],
    [{ before: {} }, 'before'],
    [{ operation: 'DELETE', after: {} }, 'after'],
    [{ after: { a: { b: [1, 10n] } } }, 'after/a/b/1'],
    [{ after: { at: new Date() } }, 'after/at'],
    [{ after: { 'a/b': Number.NaN } }, 'after/a~1b'],
    [{ after: { 'a~b': Number.POSITIVE_INFINITY } }, 'after/a~0b'],
    [{ after: { run: () => 1 } }, 'after/run'],
    [{ after: { mark: Symbol('s') } }, 'after/mark'],
    [{ after: [undefined] }, 'after/0'],
    [{ after: JSON.parse('{"a":{"__proto__":{"isAdmin":true}}}') }, 'after/a/__proto__'],
    [{ after: { price: new Money() } }, 'after/price'],
    [{ after: new Map([[1, 2]]) }, 'after'],
    [{ after: circle }, 'after/self/circle'],
    [{ after: deep }, `after${'/0'.repeat(100)}`],
  ])('refuses %o by the name of the field', (told, field) => {
    expect(() => draftOf({ ...aTold(), ...told })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', fields: { field } }));
  });

  it('takes a member that is undefined for absent, and one object at two places for two', () => {
    const address = { city: 'Oslo' };

    const { text } = written(draftOf({ ...aTold(), after: { from: address, to: address, none: undefined } }));

    expect(JSON.parse(text).after).toEqual({ from: address, to: address });
  });

  it('may be as long as 350 KB, and not a byte longer', () => {
    const rest = aWritten({ after: '' }).bytes;
    const fits = aWritten({ after: `é${'x'.repeat(MAX_EVENT_BYTES - rest - 2)}` });

    expect(fits.bytes).toBe(MAX_EVENT_BYTES);
    expect(() => aWritten({ after: `é${'x'.repeat(MAX_EVENT_BYTES - rest - 1)}` })).toThrow(expect.objectContaining({ fields: { field: 'event' } }));
  });

  it('is appended with 1 to 500 others, of 1 MiB together', () => {
    const many = (count: number, event = aWritten()): void => checkAppend(Array.from({ length: count }, () => event));
    const large = aWritten({ after: 'x'.repeat(MAX_APPEND_BYTES / 4) });

    expect(() => many(0)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => many(MAX_APPEND_EVENTS)).not.toThrow();
    expect(() => many(MAX_APPEND_EVENTS + 1)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    expect(() => many(3, large)).not.toThrow();
    expect(() => many(4, large)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it('is written as JSON has it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (after) => {
        fc.pre(!JSON.stringify(after).includes('"__proto__":'));
        expect(JSON.parse(written(draftOf(aTold({ after: after as Json }))).text).after).toEqual(JSON.parse(JSON.stringify(after)));
      }),
    );
  });
});

describe('changed fields', () => {
  it.each<[Json, Json, readonly string[]]>([
    [{ a: 1 }, { a: 1 }, []],
    [{ b: { c: 1, d: 2 }, a: 1 }, { a: 2, b: { c: 1, d: 3 } }, ['/a', '/b/d']],
    [{ a: { b: 1 } }, {}, ['/a']],
    [{}, { a: { b: 1 } }, ['/a']],
    [{ list: [1, { p: 2 }] }, { list: [1, { p: 3 }] }, ['/list/1/p']],
    [{ list: [1] }, { list: [1, 2] }, ['/list']],
    [{ a: [] }, { a: {} }, ['/a']],
    [{ a: null }, { a: {} }, ['/a']],
    [{ 'a/b': 1, 'c~d': 1 }, { 'a/b': 2, 'c~d': 2 }, ['/a~1b', '/c~0d']],
    [1, 2, ['']],
    [JSON.parse('{"toString":1}'), {}, ['/toString']],
  ])('of %j and %j are %j', (before, after, fields) => {
    expect(changedFields(before, after)).toEqual(fields);
  });

  it('are none of equal values, the same whatever the order of members, and sorted', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, json, (before, after) => {
        const fields = changedFields(before, after);
        expect(changedFields(before, structuredClone(before))).toEqual([]);
        expect(fields).toEqual([...fields].sort());
        expect(changedFields(turned(before), turned(after))).toEqual(fields);
        expect(fields.length === 0).toBe(JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)));
      }),
    );
  });
});

function rebuilt(value: Json, order: (names: string[]) => string[]): Json {
  if (Array.isArray(value)) return value.map((one: Json) => rebuilt(one, order));
  if (typeof value !== 'object' || value === null) return value;
  const members: Record<string, Json> = Object.create(null);
  const given = new Map(Object.entries(value));
  for (const name of order([...given.keys()])) members[name] = rebuilt(given.get(name) ?? null, order);
  return members;
}

const turned = (value: Json): Json => rebuilt(value, (names) => names.toReversed());
const sorted = (value: Json): Json => rebuilt(value, (names) => names.toSorted());
