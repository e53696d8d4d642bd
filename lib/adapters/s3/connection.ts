import type { S3Client } from '@aws-sdk/client-s3';
import type { Findings } from '../../ports/objects.ts';
import type { S3Calls } from './calls.ts';
import type { Multipart } from './multipart.ts';
import type { Overrides } from './storage-fields.ts';

/** What the buckets of one region share that keep what is written in the same way. */
export interface S3Connection {
  readonly client: S3Client;
  readonly calls: S3Calls;
  readonly multipart: Multipart;
  /** Equal for two connections that one credential serves, so that the store copies between them. */
  readonly identity: string;
  /** What `calls` and `multipart` write is kept so. */
  readonly overrides: Overrides;
  /** Absent: what is found out about a bucket is known to this process alone. */
  readonly findings?: Findings;
}
