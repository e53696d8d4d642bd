/** The pure parts: names, bounds, Avro, schemas. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AvroReader, type AvroSchema, AvroWriter, decodeAvro, encodeAvro } from '../../../lib/core/iceberg/avro.ts';
import { readAvroFile, writeAvroFile } from '../../../lib/core/iceberg/avro-file.ts';
import { boundOf, numberBound } from '../../../lib/core/iceberg/bounds.ts';
import { dataFile } from '../../../lib/core/iceberg/data-file.ts';
import { type DeclaredType, declaredCell } from '../../../lib/core/iceberg/declared.ts';
import { ENVELOPE } from '../../../lib/core/iceberg/envelope.ts';
import { evolved, type SchemaChange } from '../../../lib/core/iceberg/evolve.ts';
import { decodeManifest, encodeManifest } from '../../../lib/core/iceberg/manifest.ts';
import { decodeManifestList, encodeManifestList, manifestFile } from '../../../lib/core/iceberg/manifest-list.ts';
import { newTable } from '../../../lib/core/iceberg/metadata.ts';
import { streamIn, streamPart } from '../../../lib/core/iceberg/names.ts';
import { dayOf, dayPath } from '../../../lib/core/iceberg/partition.ts';
import type { Json } from '../../../lib/core/log/event.ts';

describe('the name of a stream as a part of a path', () => {
  it('is reversible, safe, and another one for every stream', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 15 }), (stream) => {
        const part = streamPart(stream);
        expect(part).toMatch(/^[a-z0-9_~-][a-z0-9._~-]*$/);
        expect(streamIn(part)).toBe(stream);
      }),
    );
    expect(streamPart('https://crm.headless.ly/Acme')).toBe('https~3a~2f~2fcrm.headless.ly~2f~41cme');
  });

  it.each(['', 'x'.repeat(201), '\ud800'])('is refused for %j', (stream) => {
    expect(() => streamPart(stream)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });

  it.each(['A', '~4', '~zz', 'a~61', '..', '~ff'])('is not %s', (part) => expect(streamIn(part)).toBeUndefined());
});

describe('a bound', () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);

  it('of a text is short and never inside of what it bounds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const [lower, upper] = [boundOf('string', text, 'lower'), boundOf('string', text, 'upper')];
        expect(Buffer.compare(lower ?? utf8(''), utf8(text))).toBeLessThanOrEqual(0);
        if (upper) expect(Buffer.compare(upper, utf8(text))).toBeGreaterThanOrEqual(0);
        expect(lower?.length).toBeLessThanOrEqual(64);
      }),
    );
    expect(boundOf('string', `${'a'.repeat(15)}b${'z'.repeat(9)}`, 'upper')).toEqual(utf8(`${'a'.repeat(15)}c`));
    expect(boundOf('string', '\u{10ffff}'.repeat(17), 'upper')).toBeUndefined();
    expect(boundOf('string', `${'a'.repeat(15)}\ud7ff${'z'.repeat(9)}`, 'upper')).toEqual(utf8(`${'a'.repeat(15)}\ue000`));
  });

  it('of a number comes back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(numberBound(boundOf('long', value, 'lower'))).toBe(value);
      }),
    );
    expect(numberBound(boundOf('date', -3, 'lower'))).toBe(-3);
    expect(boundOf('decimal(9, 2)', -129n, 'lower')).toEqual(Uint8Array.of(0xff, 0x7f));
    expect(boundOf('decimal(9, 2)', 128n, 'upper')).toEqual(Uint8Array.of(0, 0x80));
  });
});

describe('a day', () => {
  it('begins at midnight in UTC, before 1970 as well', () => {
    expect(dayOf(-1)).toBe(-1);
    expect(dayPath(dayOf(Date.UTC(2026, 2, 3, 23, 59, 59, 999) * 1000))).toBe('year=2026/month=03/day=03');
    expect(dayPath(-1)).toBe('year=1969/month=12/day=31');
  });
});

describe('Avro', () => {
  const SCHEMA: AvroSchema = {
    type: 'record',
    name: 'r',
    fields: [
      { name: 'n', type: 'long', 'field-id': 1 },
      { name: 't', type: ['null', 'string'], default: null },
      { name: 'l', type: { type: 'array', items: { type: 'map', values: 'bytes' } } },
    ],
  };
  const record = fc.record({
    n: fc.maxSafeInteger(),
    t: fc.option(fc.string({ unit: 'grapheme' })),
    l: fc.array(fc.dictionary(fc.string(), fc.uint8Array({ maxLength: 4 }), { maxKeys: 3, noNullPrototype: true }), { maxLength: 3 }),
  });

  it('comes back as it was, with all of its header', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const file = readAvroFile(writeAvroFile(SCHEMA, records, { header: { own: 'ü' }, sync: new Uint8Array(16).fill(7) }));
        expect(file.records).toEqual(records);
        expect(JSON.parse(file.header.get('avro.schema') ?? '')).toEqual(SCHEMA);
        expect(file.header.get('own')).toBe('ü');
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a file that is cut short anywhere', () => {
    const bytes = writeAvroFile(SCHEMA, [{ n: 1, t: 'text', l: [] }], { header: {}, sync: new Uint8Array(16).fill(7) });
    const empty = writeAvroFile(SCHEMA, [], { header: {}, sync: new Uint8Array(16) }).length;
    for (let length = 0; length < bytes.length; length++) {
      if (length !== empty) expect(() => readAvroFile(bytes.subarray(0, length)), String(length)).toThrow();
    }
  });

  it('refuses numbers that JavaScript cannot hold', () => {
    const writer = new AvroWriter();
    expect(() => encodeAvro('long', 2 ** 53, writer)).toThrow('2^53');
    expect(() => decodeAvro('long', new AvroReader(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)))).toThrow(
      'another engine',
    );
  });
});

describe('a manifest', () => {
  const sync = new Uint8Array(16);
  const file = dataFile('s3://b/t/data/x', 20_515, { bytes: new Uint8Array(9), rows: 3, columns: new Map(), splits: [4] }, ENVELOPE);
  const entry = { status: 'added', snapshot: 7, sequenceNumber: null, fileSequenceNumber: null, file } as const;

  it('says in its header what engines need that do not look at the table', () => {
    const { header } = readAvroFile(encodeManifest([entry], { schema: ENVELOPE, sync }));

    expect(Object.fromEntries(header)).toMatchObject({
      'schema-id': '0',
      'partition-spec-id': '0',
      'format-version': '2',
      content: 'data',
      'avro.codec': 'null',
    });
    expect(JSON.parse(header.get('schema') ?? '')).toEqual(ENVELOPE);
    expect(JSON.parse(header.get('partition-spec') ?? '')).toEqual([{ name: 'timestamp_day', transform: 'day', 'source-id': 5, 'field-id': 1000 }]);
  });

  it('and its list come back, with a field id on every field', () => {
    const bytes = encodeManifest([entry], { schema: ENVELOPE, sync });
    const listed = manifestFile([entry], { path: 's3://b/t/metadata/m', bytes: bytes.length, sequenceNumber: 4, snapshot: 7 });
    const list = encodeManifestList([listed], { snapshot: 7, parent: null, sequenceNumber: 4, sync });

    expect(decodeManifest(bytes)).toEqual([entry]);
    expect(decodeManifestList(list)).toEqual([listed]);
    expect(readAvroFile(list).header.get('parent-snapshot-id')).toBe('null');
    for (const one of [bytes, list]) {
      const schema = readAvroFile(one).header.get('avro.schema') ?? '';
      expect(schema.match(/"field-id":/g)?.length).toBe(schema.match(/"name":"(?!manifest_entry|manifest_file|r\d+|k\d+_v\d+)/g)?.length);
    }
  });
});

describe('a schema', () => {
  const table = { version: 1, metadata: newTable({ uuid: 'u', location: 's3://b/t', stream: 's', now: 1 }) };
  const add = (name: string, type: 'int' | 'float' | 'decimal(9, 2)' | 'string' = 'int'): SchemaChange => ({ kind: 'add', name, type });
  const columns = (...changes: SchemaChange[]) => evolved(table, changes, 2).metadata.schemas.at(-1)?.fields.slice(12);

  it('grows, widens and renames by field id', () => {
    expect(columns(add('a'), add('b', 'decimal(9, 2)'), { kind: 'widen', name: 'a', type: 'long' }, { kind: 'rename', name: 'a', to: 'c' })).toEqual([
      { id: 14, name: 'c', required: false, type: 'long' },
      { id: 15, name: 'b', required: false, type: 'decimal(9, 2)' },
    ]);
    expect(columns(add('a', 'float'), { kind: 'widen', name: 'a', type: 'double' })?.[0]?.type).toBe('double');
    expect(columns(add('a', 'decimal(9, 2)'), { kind: 'widen', name: 'a', type: 'decimal(12, 2)' })?.[0]?.type).toBe('decimal(12, 2)');
  });

  it.each<[string, SchemaChange[]]>([
    ['there is a column of this name', [add('SEQUENCE')]],
    ['there is no such column', [{ kind: 'rename', name: 'x', to: 'y' }]],
    ['it belongs to the envelope', [{ kind: 'rename', name: 'id', to: 'key' }]],
    ["string can't become long", [add('a', 'string'), { kind: 'widen', name: 'a', type: 'long' }]],
    ["int can't become double", [add('a'), { kind: 'widen', name: 'a', type: 'double' }]],
    ["can't become decimal(12, 3)", [add('a', 'decimal(9, 2)'), { kind: 'widen', name: 'a', type: 'decimal(12, 3)' }]],
    ["can't become decimal(39, 2)", [add('a', 'decimal(9, 2)'), { kind: 'widen', name: 'a', type: 'decimal(39, 2)' }]],
  ])('is refused where %s', (why, changes) => {
    expect(() => evolved(table, changes, 2)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringContaining(why) }));
  });

  it.each<[DeclaredType, Json, unknown]>([
    ['int', 7, 7],
    ['int', 2 ** 31, null],
    ['int', 1.5, null],
    ['long', 2 ** 31, 2 ** 31],
    ['double', 1.5, 1.5],
    ['string', 1, null],
    ['boolean', false, false],
    ['timestamptz', '2026-03-03T12:00:00+01:00', Date.UTC(2026, 2, 3, 11) * 1000],
    ['timestamptz', '2026-03-03T12:00:00', null],
    ['timestamptz', 'never', null],
  ])('takes for %s of %j %j', (type, value, cell) => {
    const event = { id: 'e', operation: 'INSERT', collection: 'things', documentId: 'd', timestamp: 0, sequence: 1, after: { v: value } } as const;
    expect(declaredCell({ collection: 'things', field: 'v', column: 'v', type }, event)).toBe(cell);
    expect(declaredCell({ collection: 'others', field: 'v', column: 'v', type }, event)).toBeNull();
    expect(declaredCell({ collection: 'things', field: '__proto__', column: 'v', type }, event)).toBeNull();
  });
});
