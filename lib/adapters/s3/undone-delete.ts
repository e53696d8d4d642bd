/** A delete on condition where the store heeds none, but keeps versions: what it took away against the condition is put back (minio). */
import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import type { Place, S3Calls } from './calls.ts';
import type { S3Connection } from './connection.ts';
import { unquoted } from './encoding.ts';
import { type Attempt, attempt } from './errors.ts';
import { put } from './probe-object.ts';

type Client = S3Connection['client'];

/** Of one request: until it is put back, nobody sees what was taken away. */
const TRIES = 3;

/**
 * minio dates a write before it shows it: one that began before the delete may come to lie below the marker after the first look there.
 * Between the two are a lock and a rename.
 */
const SETTLES_MS = 1_000;

/**
 * Timeline: a look (what differs already is left alone) → the delete, which lays a marker over the key → what lies right below the marker is
 * what it took away, at once and once more when all has settled → where that is another version than was meant, the marker goes again, and
 * that version is the newest as before. In between, readers find nothing. A process that dies in between leaves the marker (SPEC.md, "Not
 * promised").
 * @param ifMatch etag of what may be deleted
 * @throws PreconditionFailedError side `destination`; TidemarkError REJECTED where the store laid no marker: it keeps no versions any more
 */
export async function removeUndoably(
  { client, calls }: { readonly client: Client; readonly calls: Pick<S3Calls, 'head'> },
  at: Place,
  ifMatch: string,
  signal?: AbortSignal,
): Promise<void> {
  const seen = await calls.head(at, signal);
  if (!seen.found || seen.sight.etag !== ifMatch) throw new PreconditionFailedError('destination', at.key);
  const marker = await layMarker(client, at, signal);
  if (marker === null) throw new TidemarkError('REJECTED', 'the store deleted without a marker that could be taken back', { ...at });
  if ((await etagBelow(client, at, marker)) === ifMatch) {
    await delay(SETTLES_MS);
    if ((await etagBelow(client, at, marker)) === ifMatch) return;
  }
  await takeMarkerAway(client, at, marker);
  throw new PreconditionFailedError('destination', at.key);
}

/** Found out by a trial: where a delete lays a marker, and taking the marker away brings back what it covered. */
export async function undoesDeletes(at: Place, calls: S3Calls, client: Client): Promise<boolean> {
  const { etag } = await put(at, calls);
  const marker = await layMarker(client, at);
  if (marker === null || (await calls.head(at)).found || (await etagBelow(client, at, marker)) !== etag) return false;
  await takeMarkerAway(client, at, marker);
  const again = await calls.head(at);
  return again.found && again.sight.etag === etag;
}

/** @returns its version id; null where the store lays none */
async function layMarker(client: Client, at: Place, signal?: AbortSignal): Promise<string | null> {
  const command = new DeleteObjectCommand({ Bucket: at.bucket, Key: at.key });
  const what: Attempt = { operation: 'DeleteObject', ...at, side: 'destination' };
  const { VersionId, DeleteMarker } = await attempt(what, signal, () => client.send(command, { ...(signal && { abortSignal: signal }) }));
  return (DeleteMarker && VersionId) || null;
}

/** @returns undefined where no version lies there, or another marker */
async function etagBelow(client: Client, { bucket: Bucket, key: Key }: Place, marker: string): Promise<string | undefined> {
  const command = new ListObjectVersionsCommand({ Bucket, Prefix: Key, KeyMarker: Key, VersionIdMarker: marker, MaxKeys: 1 });
  const what: Attempt = { operation: 'ListObjectVersions', bucket: Bucket, key: Key, side: 'destination' };
  const { Versions: [below] = [] } = await insistently(what, () => client.send(command));
  return below?.Key === Key && below.ETag !== undefined ? unquoted(below.ETag) : undefined;
}

async function takeMarkerAway(client: Client, at: Place, marker: string): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: at.bucket, Key: at.key, VersionId: marker });
  await insistently({ operation: 'DeleteObject', ...at, side: 'destination' }, () => client.send(command));
}

/** By no signal: who gave up would leave the key covered. */
async function insistently<T>(what: Attempt, act: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(what, undefined, act);
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}
