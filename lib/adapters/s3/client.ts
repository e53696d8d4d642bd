/** One SDK client per region: pooled connections that stay open, hard time limits, and no retries of its own. */
import { S3Client } from '@aws-sdk/client-s3';
import type { Findings } from '../../ports/objects.ts';

export interface S3RegionOptions {
  /** As `eu-central-1`. */
  readonly region: string;
  /** Absent: AWS itself. Else `http(s)://host:port` of an S3-compatible store. */
  readonly endpoint?: string;
  /** Absent: the SDK's own chain (environment, profile, role). */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
  /** Buckets in the path, not in the host name. Default: true where an endpoint is given. */
  readonly pathStyle?: boolean;
  /** Connections at most. Default 256. */
  readonly maxSockets?: number;
  /** ms to connect. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** ms from sending a request to the head of its answer, and of silence within a body. Default 60,000. */
  readonly requestTimeoutMs?: number;
  /** Where what is found out about buckets is kept. Default: in this process. */
  readonly findings?: Findings;
}

/** The limits of a region's connections, with their defaults. */
export function poolOptions(options: S3RegionOptions): {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
} {
  const { maxSockets = 256, connectTimeoutMs = 5_000, requestTimeoutMs = 60_000 } = options;
  return { connections: maxSockets, connectTimeoutMs, requestTimeoutMs };
}

export function createS3Client(options: S3RegionOptions): S3Client {
  const { connections, connectTimeoutMs, requestTimeoutMs: requestTimeout } = poolOptions(options);
  const pool = { keepAlive: true, maxSockets: connections };
  return new S3Client({
    region: options.region,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
    // The use-cases retry, and they look again first: a retry in here would go on after a lease was lost.
    maxAttempts: 1,
    // Content-MD5 and the checksum of the source guard the bytes; the SDK's own trailer would hash them once more.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout,
      httpAgent: pool,
      httpsAgent: pool,
    },
  });
}

/** Two regions of one identity are reached by one credential, so that the store itself can copy from one to the other. */
export function identityOf(options: S3RegionOptions): string {
  const place = options.endpoint === undefined ? partitionOf(options.region) : new URL(options.endpoint).origin;
  return `${place} ${options.credentials?.accessKeyId ?? ''}`;
}

/** AWS partitions share neither accounts nor credentials. */
function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
