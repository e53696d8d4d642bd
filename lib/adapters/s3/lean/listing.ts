/**
 * A ListObjectsV2 answer, read from its bytes without a tree: listings are the one place where XML costs.
 * Texts are made for what is kept alone, and each by itself: a piece that is cut from one text of the whole page holds that page for as long
 * as it lives, which is into the memory that is only collected with all else.
 */
import type { ListedObject, ListPage } from '../../../ports/objects.ts';
import { decodeListedKey, unquoted } from '../encoding.ts';
import { nextOf } from '../listing-end.ts';
import { classOf } from '../sight.ts';
import { unescapeXml } from './fields.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Of an entry, with attributes or without. */
const OPEN = bytesOf('Contents');
const END = bytesOf('/Contents>');
const [KEY, ETAG, SIZE] = [bytesOf('Key>'), bytesOf('ETag>'), bytesOf('Size>')];
const [LAST_MODIFIED, CLASS] = [bytesOf('LastModified>'), bytesOf('StorageClass>')];
/** What most objects are of: no text is made to find that it tells nothing. */
const USUAL = bytesOf('STANDARD<');
/** Around etags, as stores write them. */
const QUOTES = [bytesOf('&quot;'), bytesOf('&#34;'), bytesOf('"')];
const [EXCLAMATION, LESS, GREATER, ZERO] = [0x21, 0x3c, 0x3e, 0x30];

const WHOLE = /(?:<\/ListBucketResult\s*>|<ListBucketResult[^<]*\/>)\s*$/;
/** Enough for the end of the last element, and for all of an empty one. */
const TAIL_BYTES = 512;

/**
 * @returns null for an answer that ended early (one without a length tells so by nothing else), an error that came with a status of 200,
 * what a proxy says in the place of the store, and a listing of which an entry cannot be read: each would be taken for a shorter listing,
 * or for one of other objects
 * @throws TidemarkError REJECTED where it does not say how to go on
 */
export function listingOf(xml: Buffer): ListPage | null {
  if (!WHOLE.test(xml.toString('latin1', Math.max(0, xml.length - TAIL_BYTES)))) return null;
  // Not every store encodes when asked to; those that do say so, some of them at the end.
  const decode = textOf(xml, 'EncodingType') === 'url' ? decodeListedKey : (key: string): string => key;
  const objects = entriesOf(xml, decode);
  return objects && { objects, ...nextOf(textOf(xml, 'IsTruncated') === 'true', textOf(xml, 'NextContinuationToken')) };
}

/**
 * Passes from tag to tag. What an element holds is text alone, so that its end is the next tag.
 * @returns null where an entry has no key, size or time that can be read, or none that ends, or where CDATA or a comment stands in the way
 */
function entriesOf(xml: Buffer, decode: (key: string) => string): readonly ListedObject[] | null {
  const objects: ListedObject[] = [];
  let begun = 0;
  let [key, etag, size, lastModified] = ['', '', Number.NaN, Number.NaN];
  let storageClass: string | undefined;
  for (let tag = indexOf(xml, LESS, 0); tag < xml.length; ) {
    const name = tag + 1;
    if (xml[name] === EXCLAMATION) return null;
    const text = indexOf(xml, GREATER, name) + 1;
    const end = indexOf(xml, LESS, text);
    if (isAt(xml, KEY, name)) key = decode(unescapeXml(xml.toString('utf8', text, end)));
    else if (isAt(xml, ETAG, name)) etag = etagIn(xml, text, end);
    else if (isAt(xml, SIZE, name)) size = numberIn(xml, text, end);
    else if (isAt(xml, LAST_MODIFIED, name)) lastModified = secondIn(xml, text);
    else if (isAt(xml, CLASS, name)) storageClass = isAt(xml, USUAL, text) ? undefined : classOf(xml.toString('utf8', text, end));
    else if (isAt(xml, END, name)) {
      if (key === '' || Number.isNaN(size + lastModified)) return null;
      objects.push({ key, etag, size, lastModified, ...(storageClass === undefined ? {} : { storageClass }) });
    } else if (isAt(xml, OPEN, name)) {
      begun++;
      [key, etag, size, lastModified, storageClass] = ['', '', Number.NaN, Number.NaN, undefined];
    }
    tag = end;
  }
  return objects.length === begun ? objects : null;
}

/** Its quotes are what most stores escape, in every entry of a listing. */
function etagIn(xml: Buffer, from: number, to: number): string {
  const length = QUOTES.find((quote) => isAt(xml, quote, from) && isAt(xml, quote, to - quote.length))?.length ?? 0;
  const inner = xml.toString('latin1', from + length, to - length);
  return length > 0 && !inner.includes('&') ? inner : unquoted(unescapeXml(xml.toString('utf8', from, to)));
}

/** As 2026-11-21T21:53:22.173Z; in ms since the epoch, but of whole seconds, as HEAD says it. */
function secondIn(xml: Buffer, at: number): number {
  const part = (from: number, to: number): number => numberIn(xml, at + from, at + to);
  return Date.UTC(part(0, 4), part(5, 7) - 1, part(8, 10), part(11, 13), part(14, 16), part(17, 19));
}

/** NaN where there is anything but digits, or nothing. */
function numberIn(xml: Uint8Array, from: number, to: number): number {
  let value = from < to ? 0 : Number.NaN;
  for (let at = from; at < to; at++) {
    const digit = (xml[at] ?? 0) - ZERO;
    value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN;
  }
  return value;
}

/** Of the first element of this name. */
function textOf(xml: Buffer, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const begin = start + name.length + 2;
  const end = xml.indexOf('<', begin);
  return end < 0 ? undefined : unescapeXml(xml.toString('utf8', begin, end));
}

/** @returns the length where there is none */
function indexOf(bytes: Uint8Array, byte: number, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== byte) at++;
  return at;
}

function isAt(bytes: Uint8Array, wanted: Uint8Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}
