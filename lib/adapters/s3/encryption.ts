import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Place } from './calls.ts';
import { attempt } from './errors.ts';

/**
 * Stores that know no KMS may take the request all the same (trap 52), and keep in the clear what was to be encrypted.
 * @throws TidemarkError REJECTED where an object that was just written lies there without KMS
 */
export async function checkEncrypted(client: S3Client, { bucket, key }: Place): Promise<void> {
  const { ServerSideEncryption } = await attempt({ operation: 'HeadObject', bucket, key, side: 'destination' }, undefined, () =>
    client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
  );
  if (ServerSideEncryption === 'aws:kms') return;
  throw new TidemarkError('REJECTED', 'the store does not encrypt with the KMS key that the route names, so nothing is written to it', { bucket });
}
