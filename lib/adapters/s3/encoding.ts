/** How S3 writes keys, etags, tags and metadata on the wire. */

export function quoted(etag: string): string {
  return `"${etag}"`;
}

export function unquoted(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1');
}

/** A key in the value of x-amz-copy-source: never with a versionId, since an old version could still be copied by it. */
export function copySource(bucket: string, key: string): string {
  return `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Tags as the query string that x-amz-tagging takes. */
export function taggingHeader(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** Keys of a listing with encoding-type url: `+` is a space. What some store did not encode rightly is taken as it is. */
export function decodeListedKey(key: string): string {
  if (!/[%+]/.test(key)) return key;
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** Bytes per encoded word, so that none passes the 75 characters of RFC 2047. */
const WORD_BYTES = 45;

/**
 * User metadata for a header: ASCII as it is, anything else as RFC 2047 words, which is what S3 itself answers with.
 * Source: Amazon S3 User Guide, "Working with object metadata".
 */
export function encodeMetadata(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value;
  const words: string[] = [];
  let word = '';
  for (const character of value) {
    if (Buffer.byteLength(word + character) > WORD_BYTES) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((part) => `=?UTF-8?B?${Buffer.from(part).toString('base64')}?=`).join(' ');
}

const ENCODED_WORD = /=\?utf-8\?([bq])\?([^?]*)\?=/gi;

/** The inverse of encodeMetadata; raw UTF-8, which Node reads as Latin-1, is understood too. */
export function decodeMetadata(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  const decoded = joined.replace(ENCODED_WORD, (_word, encoding: string, text: string) =>
    encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : decodeQ(text),
  );
  return decoded !== joined ? decoded : decodeRaw(value);
}

function decodeQ(text: string): string {
  const bytes = text.replaceAll('_', ' ').replace(/=([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function decodeRaw(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}
