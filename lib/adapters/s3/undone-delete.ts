/** A delete on condition where the store heeds none, but keeps versions: what it took away against the condition is put back (minio). */
import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import type { Place } from './calls.ts';
import type { S3Connection } from './connection.ts';
import { unquoted } from './encoding.ts';
import { type Attempt, attempt } from './errors.ts';

/** Of one request: until it is put back, nobody sees what was taken away. */
const TRIES = 3;

/**
 * Timeline: a look (what differs already is left alone) → the delete, which lays a marker over the key → what lies right below the marker is
 * what it took away → where that is another version than was meant, the marker goes again, and that version is the newest as before.
 * In between, readers find nothing. A process that dies in between leaves the marker: SPEC.md, "Not promised".
 * @param ifMatch etag of what may be deleted
 * @throws PreconditionFailedError; TidemarkError REJECTED where the store laid no marker, as without versions
 */
export async function removeUndoably(
  { client, calls }: Pick<S3Connection, 'client' | 'calls'>,
  at: Place,
  ifMatch: string,
  signal?: AbortSignal,
): Promise<void> {
  const { bucket: Bucket, key: Key } = at;
  const what: Attempt = { operation: 'DeleteObject', ...at, side: 'destination' };
  const seen = await calls.head(at, signal);
  if (!seen.found || seen.sight.etag !== ifMatch) throw new PreconditionFailedError('destination', Key);
  const { VersionId: marker } = await attempt(what, signal, () =>
    client.send(new DeleteObjectCommand({ Bucket, Key }), signal && { abortSignal: signal }),
  );
  if (marker === undefined) throw new TidemarkError('REJECTED', 'the store deleted without a marker that could be taken back', { ...what });
  const taken = await insistently(
    () => client.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key, KeyMarker: Key, VersionIdMarker: marker, MaxKeys: 1 })),
    what,
  );
  const [below] = taken.Versions ?? [];
  if (below?.Key === Key && unquoted(below.ETag ?? '') === ifMatch) return;
  await insistently(() => client.send(new DeleteObjectCommand({ Bucket, Key, VersionId: marker })), what);
  throw new PreconditionFailedError('destination', Key);
}

async function insistently<T>(act: () => Promise<T>, what: Attempt): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(what, undefined, act);
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}
