import type { S3Client } from '@aws-sdk/client-s3';
import type { ServerSideCopy } from '../../ports.ts';
import { S3Bucket } from './bucket.ts';
import { createS3Client, identityOf, poolOptions, type S3RegionOptions } from './client.ts';
import type { S3Connection } from './connection.ts';
import { Addressing } from './lean/addressing.ts';
import { LeanHttp } from './lean/http.ts';
import { LeanCalls } from './lean/lean-calls.ts';
import { Signer } from './lean/signer.ts';
import { Multipart } from './multipart.ts';
import { SdkCalls } from './sdk-calls.ts';
import { S3ServerSideCopy } from './server-side-copy.ts';
import { StorageClasses } from './storage-class.ts';

export { S3Bucket } from './bucket.ts';
export type { S3RegionOptions } from './client.ts';

export interface S3Region {
  /** The same object for the same name, so that what it found out is kept. */
  bucket(name: string): S3Bucket;
  /** Closes the connections. */
  close(): void;
}

/** @param clientKind `lean` for the requests made per object (lean/lean-calls.ts); `sdk` is what it is compared with */
export function createS3Region(options: S3RegionOptions, clientKind: 'lean' | 'sdk' = 'lean'): S3Region {
  const client = createS3Client(options);
  const classes = new StorageClasses();
  const http = new LeanHttp(poolOptions(options));
  const connection: S3Connection = {
    client,
    calls: clientKind === 'sdk' ? new SdkCalls(client, classes) : leanCalls(options, client, http, classes),
    multipart: new Multipart(client, classes),
    identity: identityOf(options),
  };
  const buckets = new Map<string, S3Bucket>();
  return {
    bucket: (name) => {
      const bucket = buckets.get(name) ?? new S3Bucket(connection, name);
      buckets.set(name, bucket);
      return bucket;
    },
    close: () => {
      client.destroy();
      http.close();
    },
  };
}

function leanCalls(options: S3RegionOptions, client: S3Client, http: LeanHttp, classes: StorageClasses): LeanCalls {
  const given = options.credentials && Promise.resolve(options.credentials);
  return new LeanCalls({
    http,
    classes,
    signer: new Signer(options.region),
    addressing: new Addressing(options.region, options.endpoint, options.pathStyle ?? options.endpoint !== undefined),
    // The SDK's chain keeps what it found until it is about to expire.
    credentials: () => given ?? client.config.credentials(),
  });
}

/** @returns null where the bytes must be streamed, because no one credential reaches both */
export function serverSideLink(source: S3Bucket, destination: S3Bucket): ServerSideCopy | null {
  return source.connection.identity === destination.connection.identity ? new S3ServerSideCopy(source, destination) : null;
}
