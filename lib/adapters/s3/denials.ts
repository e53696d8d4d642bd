/** What a credential may not do with a bucket, found out by trying each request that replication makes. */
import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import { PROBE_PREFIX } from '../../core/routes/route.ts';
import type { Denial, Role } from '../../ports/diagnosis.ts';
import { attempt } from './errors.ts';
import { removeAll } from './remove-all.ts';

/** One request, and the action that policies know it by. */
type Trial = readonly [action: string, request: () => Promise<unknown>];

/**
 * @returns the actions that are refused; what a store does not know is not refused
 * @throws TidemarkError BUCKET_MISSING, THROTTLED or UNAVAILABLE: nothing was learnt
 */
export async function findDenials(client: S3Client, bucket: string, role: Role): Promise<readonly Denial[]> {
  const listing = await refused(['s3:ListBucket', () => client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }))], bucket);
  // Without it, absent keys are answered 403, too, and nothing else can be told apart.
  if (listing) return [listing];
  const trials = role === 'source' ? await readingTrials(client, bucket) : [];
  const denials: Denial[] = [];
  for (const trial of [...trials, versioningTrial(client, bucket)]) denials.push(...wrapped(await refused(trial, bucket)));
  if (role === 'destination') denials.push(...(await writingDenials(client, bucket)));
  return denials;
}

/** On an object that is there, where there is one: that its bytes can be decrypted is shown by reading one. */
async function readingTrials(client: S3Client, bucket: string): Promise<readonly Trial[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
  const at = { Bucket: bucket, Key: Contents[0]?.Key ?? `${PROBE_PREFIX}${randomUUID()}` };
  const read = async (): Promise<void> => {
    const { Body } = await client.send(new GetObjectCommand(at));
    // Its first bytes came: the rest is not wanted.
    if (Body && 'destroy' in Body && typeof Body.destroy === 'function') Body.destroy();
  };
  return [
    ['s3:GetObject', read],
    ['s3:GetObjectTagging', () => client.send(new GetObjectTaggingCommand(at))],
  ];
}

function versioningTrial(client: S3Client, bucket: string): Trial {
  return ['s3:GetBucketVersioning', () => client.send(new GetBucketVersioningCommand({ Bucket: bucket }))];
}

/** Each needs what the former wrote: where that is refused, the rest is left out. */
async function writingDenials(client: S3Client, bucket: string): Promise<readonly Denial[]> {
  const folder = `${PROBE_PREFIX}${randomUUID()}/`;
  const at = { Bucket: bucket, Key: `${folder}permission` };
  const put = await refused(['s3:PutObject', () => client.send(new PutObjectCommand({ ...at, Body: 'x' }))], bucket);
  if (put) return [put];
  const TagSet = [{ Key: 'probe', Value: 'tidemark' }];
  const trials: readonly Trial[] = [
    ['s3:GetObject', async () => (await client.send(new GetObjectCommand(at))).Body?.transformToByteArray()],
    ['s3:PutObjectTagging', () => client.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }))],
    ['s3:GetObjectTagging', () => client.send(new GetObjectTaggingCommand(at))],
    ...(await multipartTrials(client, at)),
    ['s3:DeleteObject', () => client.send(new DeleteObjectCommand(at))],
  ];
  const denials: Denial[] = [];
  for (const trial of trials) denials.push(...wrapped(await refused(trial, bucket)));
  // Best effort, and safe to fail: nobody reads under the prefix.
  await removeAll(client, bucket, folder, [at.Key]).catch(() => undefined);
  return denials;
}

/** That an upload can be begun, s3:PutObject says: it was tried. */
async function multipartTrials(client: S3Client, at: { readonly Bucket: string; readonly Key: string }): Promise<readonly Trial[]> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
  return [
    ['s3:ListMultipartUploadParts', () => client.send(new ListPartsCommand({ ...at, UploadId }))],
    ['s3:AbortMultipartUpload', () => client.send(new AbortMultipartUploadCommand({ ...at, UploadId }))],
  ];
}

async function refused([action, request]: Trial, bucket: string): Promise<Denial | null> {
  try {
    await attempt({ operation: action, bucket, side: 'source' }, undefined, request);
    return null;
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    // An absent key answers 404, a request that the store does not know 501: neither refuses us.
    if (error.code !== 'ACCESS_DENIED') return passed(error);
    return { action, message: error.message, byKey: /kms/i.test(error.message) };
  }
}

function passed(error: TidemarkError): null {
  if (error.code === 'THROTTLED' || error.code === 'UNAVAILABLE' || error.fields.s3Code === 'NoSuchBucket') throw error;
  return null;
}

function wrapped(denial: Denial | null): readonly Denial[] {
  return denial ? [denial] : [];
}
