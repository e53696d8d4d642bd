/** Small objects in a versioned bucket, and S3's word of each in the batches that SQS hands to a function. */
import { createHash, randomUUID } from 'node:crypto';
import type { S3Bucket } from '../../../../lib/adapters/s3/index.ts';
import { forEachOf } from '../small-objects.ts';

export const OBJECT_BYTES = 1_024;
const AT_ONCE = 16;

export interface Made {
  readonly key: string;
  readonly etag: string;
  readonly versionId: string;
}

/** Sixty-five characters, as keys of data lakes and uploads have them. */
function keyOf(index: number): string {
  return `tenants/4711/invoices/2026/11/21/0193ab54-7c1e-7d3a-9f7b-${index.toString(16).padStart(8, '0')}`;
}

/** @throws Error when the bucket keeps no versions */
export async function makeObjects(bucket: S3Bucket, count: number): Promise<readonly Made[]> {
  const made: Made[] = [];
  await forEachOf(count, AT_ONCE, async (index) => {
    const key = keyOf(index);
    const bytes = Buffer.alloc(OBJECT_BYTES, `${key}\n`);
    const etag = createHash('md5').update(bytes).digest('hex');
    const like = { etag, size: OBJECT_BYTES, lastModified: 0, headers: { contentType: 'application/pdf' }, metadata: {} };
    const { versionId } = await bucket.write(key, bytes, { size: OBJECT_BYTES, like });
    if (versionId === undefined) throw new Error('the bucket keeps no versions');
    made[index] = { key, etag, versionId };
  });
  return made;
}

/** @throws Error unless the bucket holds exactly these */
export async function requireCopies(bucket: S3Bucket, made: readonly Made[]): Promise<void> {
  const missing = new Map(made.map(({ key, etag }) => [key, etag]));
  let token: string | undefined;
  do {
    const page = await bucket.list(token === undefined ? {} : { token });
    for (const { key, etag } of page.objects) {
      if (missing.get(key) !== etag) throw new Error(`${key} at the destination is not what is at the source`);
      missing.delete(key);
    }
    token = page.next;
  } while (token !== undefined);
  if (missing.size > 0) throw new Error(`${missing.size} of ${made.length} objects are not at the destination, such as ${[...missing.keys()][0]}`);
}

export interface Origin {
  readonly bucket: string;
  readonly region: string;
  readonly account: string;
  readonly queueName: string;
}

/** @returns what a function is called with, as JSON: a call each */
export function batchesOf(made: readonly Made[], size: number, origin: Origin): readonly string[] {
  return Array.from({ length: Math.ceil(made.length / size) }, (_, at) => {
    const first = at * size;
    return JSON.stringify({ Records: made.slice(first, first + size).map((object, index) => sqsRecord(object, first + index, origin)) });
  });
}

function sqsRecord(object: Made, index: number, origin: Origin): object {
  const body = notification(object, index, origin);
  const now = String(Date.now());
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: now, SenderId: 'AROAEXAMPLE:S3-PROD-END', ApproximateFirstReceiveTimestamp: now },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${origin.region}:${origin.account}:${origin.queueName}`,
    awsRegion: origin.region,
  };
}

function notification({ key, etag, versionId }: Made, index: number, { bucket, region, account }: Origin): string {
  const sequencer = `0068F0${index.toString(16).padStart(12, '0')}`.toUpperCase();
  const owner = { principalId: `AWS:${account}` };
  return JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: region,
        eventTime: new Date().toISOString(),
        eventName: 'ObjectCreated:Put',
        userIdentity: owner,
        requestParameters: { sourceIPAddress: '192.0.2.1' },
        responseElements: { 'x-amz-request-id': randomUUID(), 'x-amz-id-2': createHash('sha512').update(key).digest('base64') },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'Tidemark',
          bucket: { name: bucket, ownerIdentity: owner, arn: `arn:aws:s3:::${bucket}` },
          object: { key, size: OBJECT_BYTES, eTag: etag, versionId, sequencer },
        },
      },
    ],
  });
}
