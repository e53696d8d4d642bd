/** What a bucket's endpoint can do, found out by trying it: stores answer 200 to conditions that they ignore (trap 52). */
import { randomUUID } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { type ErrorCode, PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { PROBE_PREFIX } from '../../core/routes/route.ts';
import type { Capabilities, Condition, Written } from '../../ports/objects.ts';
import type { Place, S3Calls } from './calls.ts';
import type { S3Connection } from './connection.ts';
import { checkEncrypted } from './encryption.ts';
import { listsInOrder } from './listing-order.ts';
import type { Multipart } from './multipart.ts';
import { BYTES, LIKE, MD5, put } from './probe-object.ts';
import { removeAll } from './remove-all.ts';
import { readTags, type Tags } from './tags.ts';
import { undoesDeletes } from './undone-delete.ts';
import { versioningOf } from './versioning.ts';
import { servesWebsite } from './website.ts';

const probedSchema = z.strictObject({
  capabilities: z.strictObject({
    writable: z.boolean(),
    conditionalPut: z.boolean(),
    conditionalCopy: z.boolean(),
    conditionalDelete: z.boolean(),
    tags: z.boolean(),
    checksums: z.boolean(),
    versioned: z.boolean(),
    neverVersioned: z.boolean(),
    listsInOrder: z.boolean(),
    copiesHeaders: z.boolean(),
    servesWebsite: z.boolean(),
  }) satisfies z.ZodType<Capabilities>,
  /** The store takes `a//b` or `/a/b` for `a/b`: such keys would overwrite others. Unknown where nothing may be written to find out. */
  foldsKeys: z.union([z.boolean(), z.literal('unknown')]),
  /** HEAD and GET tell how many tags an object has, so that a count which is missing is none. */
  countsTags: z.boolean(),
  /** A server-side copy loses the Expires header (minio). */
  copyDropsExpires: z.boolean(),
  /** Deletes heed no condition, and what they take away is put back where it was not meant (minio, with versions). */
  undoesDeletes: z.boolean(),
});

export type Probed = Readonly<z.infer<typeof probedSchema>>;

/**
 * What another process found out, or else is found out now: functions start all the time, and each trial writes objects, of which
 * the bucket tells the queue. That nothing may be written is not kept: the permission may be given at any moment.
 * @throws as probe does, and as `findings` do
 */
export async function probeOnce(bucket: string, connection: S3Connection): Promise<Probed> {
  const { findings, overrides } = connection;
  if (!findings) return probe(bucket, connection);
  const name = `${bucket} ${overrides.kmsKeyArn ?? ''}`;
  // An older or newer Tidemark may have found out other things.
  const known = probedSchema.safeParse(await findings.recall(name));
  if (known.success) return known.data;
  const probed = await probe(bucket, connection);
  if (probed.capabilities.writable) await findings.remember(name, probed);
  return probed;
}

/** Of BYTES. */
const CRC64NVME = 'Lb1nAmRU5LE=';
const NO_ETAG = '0123456789abcdef0123456789abcdef';
const EXPIRES = 'Thu, 01 Jan 2032 00:00:00 GMT';
const TAGS = { probe: 'tidemark' };

/**
 * Writes a few tiny objects under PROBE_PREFIX and removes them. A condition that is refused, by lack of support or of permission,
 * counts as missing: that is the more careful way. Tags that may not be written are no missing support: who needs them is told so.
 * What is tried is encrypted as the route's objects are, since that decides what their etags are; no class is, since some cannot be read.
 * @throws TidemarkError BUCKET_MISSING, THROTTLED, UNAVAILABLE or INTEGRITY: nothing was learnt, try again; REJECTED where the store
 * does not encrypt with the key that the route names
 */
export async function probe(bucket: string, { client, calls, multipart, overrides }: S3Connection): Promise<Probed> {
  const folder = `${PROBE_PREFIX}${randomUUID()}/`;
  const used = new Set<string>();
  const at = (name: string): Place => {
    const key = `${folder}${name}`;
    used.add(key);
    return { bucket, key };
  };
  if (!(await permitted(() => put(at('permission'), calls)))) return readOnly(bucket, client, at('permission'));
  if (overrides.kmsKeyArn !== undefined) {
    await checkEncrypted(client, at('permission')).finally(() => removeAll(client, bucket, folder, [...used]).catch(() => undefined));
  }
  const leading = { bucket, key: `/${folder}leading` };
  // Only of a copy that was made and looked at.
  let copiesHeaders = false;
  const dropsHeaders = async (): Promise<boolean> => {
    const drops = await copyDropsExpires(at('expires'), at('expires-copy'), calls);
    copiesHeaders = !drops;
    return drops;
  };
  const [versioning, ...trials] = await Promise.allSettled([
    versioningOf(bucket, client),
    holds(() => conditionalPut(at('put'), calls)),
    holds(() => conditionalComplete(at('complete'), calls, multipart)),
    holds(() => conditionalCopy(at('copy-source'), at('copy'), calls)),
    holds(dropsHeaders),
    holds(() => conditionalDelete(at('delete'), calls)),
    holds(() => undoesDeletes(at('undone-delete'), calls, client)),
    keepsTags(at('tags'), calls, client),
    holds(() => countsTags(at('tags-counted'), calls)),
    holds(() => showsChecksums(at('checksum'), calls)),
    servesWebsite(bucket, client),
    holds(() => foldsKeys(at('within//x'), at('within/x'), calls)),
    holds(() => foldsKeys(leading, at('leading'), calls)),
    holds(() => listsInOrder(bucket, folder, at, calls)),
  ]);
  // Best effort, and safe to fail: nobody reads under the prefix.
  await removeAll(client, bucket, folder, [...used]).catch(() => undefined);
  // A store that folds nothing keeps this one elsewhere.
  await removeAll(client, bucket, `/${folder}`, [leading.key]).catch(() => undefined);
  const [putting, complete, copy, dropsExpires, remove, undone, tags, tagCounts, checksums, website, foldsWithin, foldsLeading, inOrder] =
    trials.map(outcomeOf);
  return {
    capabilities: {
      writable: true,
      conditionalPut: (putting && complete) ?? false,
      conditionalCopy: copy ?? false,
      conditionalDelete: (remove || undone) ?? false,
      tags: tags ?? false,
      checksums: checksums ?? false,
      ...outcomeOf(versioning),
      listsInOrder: inOrder ?? false,
      copiesHeaders,
      servesWebsite: website ?? true,
    },
    foldsKeys: (foldsWithin || foldsLeading) ?? false,
    countsTags: tagCounts ?? false,
    copyDropsExpires: dropsExpires ?? false,
    undoesDeletes: !remove && (undone ?? false),
  };
}

/** A credential that may only read, as a source's should: what cannot be tried is taken as what does least harm. */
async function readOnly(bucket: string, client: S3Client, at: Place): Promise<Probed> {
  const [tags, versioning, website] = await Promise.all([
    supportsTags(() => readTags(client, at)),
    versioningOf(bucket, client),
    servesWebsite(bucket, client),
  ]);
  return {
    capabilities: {
      writable: false,
      conditionalPut: false,
      conditionalCopy: false,
      conditionalDelete: false,
      tags,
      checksums: false,
      ...versioning,
      listsInOrder: false,
      copiesHeaders: false,
      servesWebsite: website,
    },
    foldsKeys: 'unknown',
    countsTags: false,
    copyDropsExpires: false,
    undoesDeletes: false,
  };
}

function conditionalPut(at: Place, calls: S3Calls): Promise<boolean> {
  return honours(at, calls, (condition) => put(at, calls, condition));
}

function conditionalComplete(at: Place, calls: S3Calls, multipart: Multipart): Promise<boolean> {
  return honours(at, calls, async (condition) => {
    const uploadId = await multipart.create(at, LIKE);
    try {
      const { etag } = await calls.putPart(at, { uploadId, number: 1, bytes: BYTES, md5: MD5 });
      return await multipart.complete(at, uploadId, [{ number: 1, etag }], condition);
    } catch (error) {
      await multipart.abort(at, uploadId);
      throw error;
    }
  });
}

async function conditionalCopy(source: Place, to: Place, calls: S3Calls): Promise<boolean> {
  const { etag } = await put(source, calls);
  return honours(to, calls, (condition) => calls.copy(to, { source, sight: { ...LIKE, etag }, condition }));
}

async function copyDropsExpires(source: Place, to: Place, calls: S3Calls): Promise<boolean> {
  const { etag } = await put(source, calls, undefined, { ...LIKE, headers: { expires: EXPIRES } });
  await calls.copy(to, { source, sight: { ...LIKE, etag } });
  const seen = await calls.head(to);
  return seen.found && seen.sight.headers.expires !== EXPIRES;
}

/** Both conditions, on an object and where one was removed: versitygw takes a delete marker for an object. */
async function honours(at: Place, calls: S3Calls, write: (condition: Condition) => Promise<Written>): Promise<boolean> {
  const first = await write({ ifAbsent: true });
  if (!(await refused(() => write({ ifAbsent: true })))) return false;
  if (!(await refused(() => write({ ifMatch: NO_ETAG })))) return false;
  const second = await write({ ifMatch: first.etag });
  await calls.remove(at);
  if (!(await refused(() => write({ ifMatch: second.etag })))) return false;
  await write({ ifAbsent: true });
  return true;
}

async function conditionalDelete(at: Place, calls: S3Calls): Promise<boolean> {
  const { etag } = await put(at, calls);
  if (!(await refused(() => calls.remove(at, NO_ETAG)))) return false;
  if (!(await calls.head(at)).found) return false;
  await calls.remove(at, etag);
  return !(await calls.head(at)).found;
}

async function keepsTags(at: Place, calls: S3Calls, client: S3Client): Promise<boolean> {
  return supportsTags(async () => {
    await put(at, calls, undefined, { ...LIKE, tags: TAGS });
    return readTags(client, at);
  }, TAGS.probe);
}

/** A refusal for want of permission is told with each object that has tags; taken for missing support, it would drop them unseen. */
async function supportsTags(read: () => Promise<Tags>, expected?: string): Promise<boolean> {
  try {
    return (await read()).probe === expected;
  } catch (error) {
    if (error instanceof PreconditionFailedError) return true;
    if (!(error instanceof TidemarkError)) throw error;
    if (error.code === 'ACCESS_DENIED') return true;
    if (error.code === 'REJECTED') return false;
    throw error;
  }
}

async function countsTags(at: Place, calls: S3Calls): Promise<boolean> {
  await put(at, calls, undefined, { ...LIKE, tags: TAGS });
  const seen = await calls.head(at);
  return seen.found && seen.sight.tagCount === Object.keys(TAGS).length;
}

async function showsChecksums(at: Place, calls: S3Calls): Promise<boolean> {
  await put(at, calls, undefined, { ...LIKE, checksum: { algorithm: 'CRC64NVME', value: CRC64NVME, type: 'FULL_OBJECT' } });
  const seen = await calls.head(at);
  return seen.found && seen.sight.checksum?.value === CRC64NVME && seen.sight.checksum.type === 'FULL_OBJECT';
}

async function foldsKeys(written: Place, folded: Place, calls: S3Calls): Promise<boolean> {
  await put(written, calls);
  return (await calls.head(folded)).found;
}

/** What a store answers to what it does not do, or does not let us do. */
const MISSING: ReadonlySet<ErrorCode> = new Set(['ACCESS_DENIED', 'REJECTED', 'PRECONDITION_FAILED', 'KEY_NOT_STORABLE']);

/** @returns false for whatever the store does not do or does not allow */
async function holds(act: () => Promise<boolean>): Promise<boolean> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TidemarkError && MISSING.has(error.code)) return false;
    throw error;
  }
}

async function permitted(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof TidemarkError && error.code === 'ACCESS_DENIED') return false;
    throw error;
  }
}

async function refused(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act();
    return false;
  } catch (error) {
    if (error instanceof PreconditionFailedError) return true;
    throw error;
  }
}

function outcomeOf<T>(trial: PromiseSettledResult<T>): T {
  if (trial.status === 'rejected') throw trial.reason;
  return trial.value;
}
