/** An object's tags: read and written apart from it. */
import { DeleteObjectTaggingCommand, GetObjectTaggingCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Place } from './calls.ts';
import { attempt } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

/** @throws PreconditionFailedError side `source` when the object, or this version of it, is gone */
export async function readTags(client: S3Client, { bucket, key }: Place, versionId?: string, signal?: AbortSignal): Promise<Tags> {
  const answer = await attempt({ operation: 'GetObjectTagging', bucket, key, side: 'source' }, signal, () =>
    client.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId }), { ...(signal && { abortSignal: signal }) }),
  );
  return Object.fromEntries((answer.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** Replaces all tags. @throws PreconditionFailedError side `destination` when the object is gone */
export async function writeTags(client: S3Client, { bucket, key }: Place, tags: Tags, signal?: AbortSignal): Promise<void> {
  const set = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const options = { ...(signal && { abortSignal: signal }) };
  if (set.length === 0) {
    await attempt({ operation: 'DeleteObjectTagging', bucket, key, side: 'destination' }, signal, () =>
      client.send(new DeleteObjectTaggingCommand({ Bucket: bucket, Key: key }), options),
    );
    return;
  }
  await attempt({ operation: 'PutObjectTagging', bucket, key, side: 'destination' }, signal, () =>
    client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, Tagging: { TagSet: set } }), options),
  );
}
