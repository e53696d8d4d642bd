/**
 * S3's events as EventBridge sends them, in the shape of S3's own notifications: a bucket that others own can tell by a rule,
 * without a word in its notification configuration, which can hold one owner's wishes only.
 */
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import * as z from 'zod';

const FAMILIES: Readonly<Record<string, string>> = {
  'Object Created': 'ObjectCreated:EventBridge',
  'Object Deleted': 'ObjectRemoved:EventBridge',
  'Object Tags Added': 'ObjectTagging:Put',
  'Object Tags Deleted': 'ObjectTagging:Delete',
  'Object Restore Completed': 'ObjectRestore:Completed',
};

const told = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  time: z.string(),
  region: z.string(),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      size: z.optional(z.number()),
      etag: z.optional(z.string()),
      'version-id': z.optional(z.string()),
      sequencer: z.optional(z.string()),
    }),
  }),
});

/** The event with every body that is EventBridge's in S3's own shape; all others as they are. */
export function withNotifications(event: SQSEvent): SQSEvent {
  if (!Array.isArray(event.Records)) return event;
  return { ...event, Records: event.Records.map((record) => translated(record)) };
}

function translated(record: SQSRecord): SQSRecord {
  // What is no record is the handler's to judge.
  if (typeof record?.body !== 'string' || !record.body.includes('"aws.s3"')) return record;
  const body = notificationOf(record.body);
  return body === null ? record : { ...record, body };
}

/** @returns a notification, or null for what is no event of EventBridge about an object */
export function notificationOf(body: string): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  const event = told.safeParse(parsed);
  if (!event.success) return null;
  const { 'detail-type': type, time, region, detail } = event.data;
  const { key, size, etag, 'version-id': versionId, sequencer } = detail.object;
  // No key of S3 is like this, and it could not be encoded.
  if (!key.isWellFormed()) return null;
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: time,
        // A kind that is none of ours is skipped by name.
        eventName: FAMILIES[type] ?? type,
        // EventBridge sends the key as it is, S3 encodes it (trap 1).
        s3: { bucket: { name: detail.bucket.name }, object: { key: encodeURIComponent(key), size, eTag: etag, versionId, sequencer } },
      },
    ],
  });
}
