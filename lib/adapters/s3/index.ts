import type { S3Client } from '@aws-sdk/client-s3';
import type { ServerSideCopy } from '../../ports/objects.ts';
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
import { type Overrides, StorageFields } from './storage-fields.ts';

export { S3Bucket } from './bucket.ts';
export type { S3RegionOptions } from './client.ts';
export { S3GatewayStore } from './gateway-store.ts';
export type { Overrides } from './storage-fields.ts';

export interface S3Region {
  /** The same object for the same name and overrides, so that what it found out is kept. */
  bucket(name: string, overrides?: Overrides): S3Bucket;
  /** Closes the connections. */
  close(): void;
}

/** @param clientKind `lean` for the requests made per object (lean/lean-calls.ts); `sdk` is what it is compared with */
export function createS3Region(options: S3RegionOptions, clientKind: 'lean' | 'sdk' = 'lean'): S3Region {
  const client = createS3Client(options);
  const http = new LeanHttp(poolOptions(options));
  const connect = (overrides: Overrides): S3Connection => {
    const storage = new StorageFields(overrides);
    const calls = clientKind === 'sdk' ? new SdkCalls(client, storage) : leanCalls(options, client, http, storage);
    const { findings } = options;
    return { client, calls, multipart: new Multipart(client, storage), identity: identityOf(options), overrides, ...(findings ? { findings } : {}) };
  };
  const connections = new Map<string, S3Connection>();
  const buckets = new Map<string, S3Bucket>();
  return {
    bucket: (name, { storageClass, kmsKeyArn } = {}) => {
      const kept = `${storageClass ?? ''} ${kmsKeyArn ?? ''}`;
      const overrides = { ...(storageClass === undefined ? {} : { storageClass }), ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) };
      const connection = connections.get(kept) ?? connect(overrides);
      connections.set(kept, connection);
      const bucket = buckets.get(`${name} ${kept}`) ?? new S3Bucket(connection, name);
      buckets.set(`${name} ${kept}`, bucket);
      return bucket;
    },
    close: () => {
      client.destroy();
      http.close();
    },
  };
}

function leanCalls(options: S3RegionOptions, client: S3Client, http: LeanHttp, storage: StorageFields): LeanCalls {
  const given = options.credentials && Promise.resolve(options.credentials);
  return new LeanCalls({
    http,
    storage,
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
