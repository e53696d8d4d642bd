import fc from 'fast-check';
import { expect, it } from 'vitest';
import { listingOf } from '../../lib/adapters/s3/lean/listing.ts';
import type { ListedObject } from '../../lib/ports/objects.ts';

const ETAG = 'd41d8cd98f00b204e9800998ecf8427e';
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? '&quot;');
const named = (name: string, text: string | number): string => `<${name}>${text}</${name}>`;
const answer = (...parts: readonly string[]): Buffer =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</ListBucketResult>`,
  );

/** The fields in any order, among others that nobody asked for. */
function entry(
  { key, etag, size, lastModified, storageClass }: ListedObject,
  written: { readonly quote: string; readonly reversed: boolean; readonly gap: string },
): string {
  const fields = [
    named('Key', key),
    named('LastModified', new Date(lastModified + 173).toISOString()),
    named('ETag', `${written.quote}${escaped(etag)}${written.quote}`),
    named('Size', size),
    named('StorageClass', storageClass ?? 'STANDARD'),
    named('Owner', named('ID', 'someone') + named('DisplayName', '')),
    '<ChecksumAlgorithm/>',
  ];
  return named('Contents', (written.reversed ? fields.toReversed() : fields).map((field) => `${written.gap}${field}`).join('') + written.gap);
}

const anyObject = fc.record({
  key: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  etag: fc.oneof(fc.constantFrom(ETAG, `${ETAG}-12`, ''), fc.string({ unit: fc.constantFrom('a', '0', '&', '<', '-') })),
  size: fc.nat({ max: 50 * 1024 ** 4 }),
  lastModified: fc.integer({ min: 0, max: 4_000_000_000 }).map((second) => second * 1000),
  of: fc.constantFrom({}, { storageClass: 'STANDARD_IA' }, { storageClass: 'GLACIER' }),
});
const anyWriting = fc.record({ quote: fc.constantFrom('"', '&quot;', '&#34;'), reversed: fc.boolean(), gap: fc.constantFrom('', '\n  ') });

it('reads what stores list, in whichever of their ways they write it', () => {
  fc.assert(
    fc.property(fc.array(anyObject, { maxLength: 6 }), anyWriting, fc.boolean(), (any, written, encodes) => {
      const objects = any.map(({ of, ...object }): ListedObject => ({ ...object, ...of }));
      const listed = objects.map((object) => ({
        ...object,
        key: encodes ? encodeURIComponent(object.key).replaceAll('%20', '+') : escaped(object.key),
      }));
      const xml = answer(...listed.map((object) => entry(object, written)), ...(encodes ? [named('EncodingType', 'url')] : []));

      expect(listingOf(xml)?.objects).toEqual(objects);
    }),
  );
});

it('goes on by the token of an answer that is cut short alone', () => {
  const parts = [named('NextContinuationToken', 'a&amp;b'), named('StartAfter', 'x'), named('KeyCount', 0)];

  expect(listingOf(answer(...parts, named('IsTruncated', 'true')))).toEqual({ objects: [], next: 'a&b' });
  expect(listingOf(answer(...parts, named('IsTruncated', 'false')))).toEqual({ objects: [] });
});

const LISTED: ListedObject = { key: 'a', etag: ETAG, size: 7, lastModified: 0 };
const fields = { Key: 'b', LastModified: '2026-11-21T21:53:22.173Z', ETag: `"${ETAG}"`, Size: '7' };
const entryOf = (over: Readonly<Record<string, string | undefined>>): string =>
  named(
    'Contents',
    Object.entries({ ...fields, ...over })
      .map(([name, text]) => (text === undefined ? '' : named(name, text)))
      .join(''),
  );
const listed = (...parts: readonly string[]) => listingOf(answer(entry(LISTED, { quote: '"', reversed: false, gap: '' }), ...parts));

it('passes nothing of one entry on to the next', () => {
  expect(listed(entryOf({ ETag: undefined, StorageClass: 'GLACIER' }), entryOf({}))?.objects).toEqual([
    LISTED,
    { key: 'b', etag: '', size: 7, lastModified: Date.UTC(2026, 10, 21, 21, 53, 22), storageClass: 'GLACIER' },
    { key: 'b', etag: ETAG, size: 7, lastModified: Date.UTC(2026, 10, 21, 21, 53, 22) },
  ]);
});

it('believes nothing that was not sent whole', () => {
  const xml = answer(entry(LISTED, { quote: '"', reversed: false, gap: '' }));

  for (let length = 0; length < xml.length; length += 7) expect(listingOf(xml.subarray(0, length))).toBeNull();
  expect(listed('<Contents><Key>b</Key>')).toBeNull();
});

it.each([
  ['no key', entryOf({ Key: undefined })],
  ['an empty key', entryOf({ Key: '' })],
  ['a key that has attributes', entryOf({}).replace('<Key>', '<Key space="preserve">')],
  ['a key in CDATA', entryOf({ Key: '<![CDATA[b]]>' })],
  ['a key that a comment divides', entryOf({ Key: 'b<!-- and -->c' })],
  ['no size', entryOf({ Size: undefined })],
  ['an empty size', entryOf({ Size: '' })],
  ['no digits in its size', entryOf({ Size: '1x' })],
  ['a size below nothing', entryOf({ Size: '-1' })],
  ['no time', entryOf({ LastModified: undefined })],
  ['words for its time', entryOf({ LastModified: 'yesterday, at noon' })],
  ['a day alone for its time', entryOf({ LastModified: '2026-11-21' })],
  ['nothing at all', '<Contents/>'],
  ['an end that is written otherwise', entryOf({}).replace('</Contents>', '</Contents >')],
])('believes no listing with an entry that has %s', (_, broken) => {
  expect(listed(entryOf({}))?.objects).toHaveLength(2);
  expect(listed(broken)).toBeNull();
  expect(listed(broken, entryOf({}))).toBeNull();
});

it('reads an entry that has attributes', () => {
  expect(listed(entryOf({}).replace('<Contents>', '<Contents kind="object">'))?.objects).toHaveLength(2);
});
