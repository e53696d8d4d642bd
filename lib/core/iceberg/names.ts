/** Where the files of a table lie, relative to its location. */
import { TidemarkError } from '../errors.ts';
import { dayPath } from './partition.ts';

/** What file systems and S3 servers take as one part of a path, with room for what is added. */
const LONGEST = 200;
const PLAIN = /[a-z0-9._-]/;
const METADATA = /^metadata\/v(\d+)\.metadata\.json$/;
export const HINT = 'metadata/version-hint.text';

export function metadataName(version: number): string {
  return `metadata/v${version}.metadata.json`;
}

/** @returns undefined where the name is that of another file */
export function versionIn(name: string): number | undefined {
  const found = METADATA.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
}

export function manifestName(id: string): string {
  return `metadata/${id}-m0.avro`;
}

export function manifestListName(snapshot: number, id: string): string {
  return `metadata/snap-${snapshot}-1-${id}.avro`;
}

export function dataName(day: number, id: string): string {
  return `data/${dayPath(day)}/00000-0-${id}.parquet`;
}

/**
 * A stream's name as one part of a path, reversible. Capitals are written out as well: some file systems take `A` and `a` for the same.
 * @throws TidemarkError INVALID_INPUT where it is empty, too long, or no text that UTF-8 can hold
 */
export function streamPart(stream: string): string {
  const part = Array.from(new TextEncoder().encode(stream), (byte, at) => {
    const one = String.fromCharCode(byte);
    return PLAIN.test(one) && !(at === 0 && one === '.') ? one : `~${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  if (part === '' || part.length > LONGEST || !stream.isWellFormed()) {
    throw new TidemarkError(
      'INVALID_INPUT',
      `the stream's name makes a path of ${part.length} characters, and may make 1 to ${LONGEST}: give it a shorter name`,
      {
        field: 'stream',
        stream,
      },
    );
  }
  return part;
}

/** @returns the stream's name, or undefined where `streamPart` makes no such part */
export function streamIn(part: string): string | undefined {
  if (!/^(?:[a-z0-9._-]|~[0-9a-f]{2})+$/.test(part)) return undefined;
  const bytes = part.match(/~..|./g)?.map((one) => (one.length === 3 ? Number.parseInt(one.slice(1), 16) : one.charCodeAt(0))) ?? [];
  try {
    const stream = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return streamPart(stream) === part ? stream : undefined;
  } catch {
    return undefined;
  }
}
