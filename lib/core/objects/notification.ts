/** S3's event notifications, in the dialects that stores send, as Changes. Pure. */
import type { ChangeOp, ObjectChange } from '../change.ts';
import { keyProblem } from './key.ts';

export interface BucketChange {
  readonly bucket: string;
  /** As the store calls it; other stores than AWS send one region for all. */
  readonly awsRegion: string;
  readonly change: ObjectChange;
}

export type Notification =
  | { readonly kind: 'changes'; readonly changes: readonly BucketChange[]; readonly skipped: readonly string[] }
  /** `s3:TestEvent`: S3 says hello when a notification is configured. */
  | { readonly kind: 'test' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** Event families and what they ask for; a family that is not here is none of ours and is skipped. */
const FAMILIES: readonly (readonly [prefix: string, op: ChangeOp])[] = [
  ['ObjectCreated:', 'PUT'],
  ['ObjectRemoved:', 'DELETE'],
  ['LifecycleExpiration:', 'DELETE'],
  ['ObjectTagging:', 'TAG'],
  // The bytes can be read again: what failed as archived can be copied now.
  ['ObjectRestore:Completed', 'PUT'],
];

/** The embedded host's own events of a folder: a file was there, or was not, and nobody knows why. */
export const WATCHED_FOLDER = 'tidemark:folder';

/** @param body parsed JSON of one message */
export function parseNotification(body: unknown): Notification {
  if (!isObject(body)) return malformed('the message is not a JSON object');
  if (body.Event === 's3:TestEvent') return { kind: 'test' };
  const records = body.Records;
  if (!Array.isArray(records) || records.length === 0) return malformed('Records is missing or empty: this is no S3 notification');
  const changes: BucketChange[] = [];
  const skipped: string[] = [];
  for (const [index, record] of records.entries()) {
    const parsed = parseRecord(record);
    if (typeof parsed === 'string') return malformed(`Records[${index}]${parsed}`);
    if ('skip' in parsed) skipped.push(parsed.skip);
    else changes.push(parsed);
  }
  return { kind: 'changes', changes, skipped };
}

function parseRecord(record: unknown): BucketChange | { readonly skip: string } | string {
  if (!isObject(record)) return ' is not an object';
  const version = record.eventVersion;
  // Minor versions add fields only; another major one may mean anything.
  if (typeof version !== 'string' || !/^2\.\d{1,3}$/.test(version)) return `.eventVersion is ${shown(version)}, 2.x is known`;
  const name = record.eventName;
  if (typeof name !== 'string') return '.eventName is missing';
  const family = name.replace(/^s3:/, '');
  const op = FAMILIES.find(([prefix]) => family.startsWith(prefix))?.[1];
  if (op === undefined) return { skip: name };
  const s3 = record.s3;
  const bucket = isObject(s3) && isObject(s3.bucket) ? s3.bucket.name : undefined;
  const object = isObject(s3) && isObject(s3.object) ? s3.object : undefined;
  if (typeof bucket !== 'string' || bucket === '') return '.s3.bucket.name is missing';
  if (typeof object?.key !== 'string' || object.key === '') return '.s3.object.key is missing';
  const key = keyIsEncoded(record) ? decodeKey(object.key) : object.key;
  if (key === null) return '.s3.object.key is not URL-encoded as S3 does it';
  const problem = keyProblem(key);
  if (problem) return `.s3.object.key: ${problem}`;
  const ts = typeof record.eventTime === 'string' ? Date.parse(record.eventTime) : Number.NaN;
  if (Number.isNaN(ts)) return '.eventTime is no ISO 8601 time';
  return {
    bucket,
    awsRegion: text(record.awsRegion) ?? '',
    change: { op, key, origin: record.eventSource === WATCHED_FOLDER ? 'watch' : 's3', ts, ...details(record, object) },
  };
}

function details(record: Record<string, unknown>, object: Record<string, unknown>): Partial<ObjectChange> {
  const etag = text(object.eTag)?.replace(/^"|"$/g, '');
  const contentType = text(object.contentType);
  const versionId = text(object.versionId);
  // Only AWS's sequencer orders anything; others count from where their process began.
  const sequencer = isAws(record) ? text(object.sequencer) : undefined;
  const size = typeof object.size === 'number' && object.size >= 0 ? object.size : undefined;
  return {
    ...(etag ? { etag } : {}),
    ...(size === undefined ? {} : { size }),
    ...(contentType ? { contentType } : {}),
    ...(versionId && versionId !== 'null' ? { versionId } : {}),
    ...(sequencer ? { sequencer } : {}),
  };
}

/** The Versity gateway signs its records with these and sends keys as they are (trap 52). */
const PLAIN_KEY_CONFIGURATIONS: readonly unknown[] = ['webhook-global', 'kafka-global', 'nats-global', 'rabbitmq-global'];

function keyIsEncoded(record: Record<string, unknown>): boolean {
  return !(isObject(record.s3) && PLAIN_KEY_CONFIGURATIONS.includes(record.s3.configurationId));
}

function isAws(record: Record<string, unknown>): boolean {
  return record.eventSource === 'aws:s3' && keyIsEncoded(record);
}

/** Decoded once: `+` is a space, the rest is percent-encoded UTF-8 (trap 1). @returns null when it is neither */
export function decodeKey(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value of a stranger as a message may show it: short, and never written out whole, since it may nest deeper than a stack. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  return typeof value === 'object' && value !== null ? 'no text' : String(value ?? null);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= 2048 ? value : undefined;
}

function malformed(reason: string): Notification {
  return { kind: 'malformed', reason };
}
