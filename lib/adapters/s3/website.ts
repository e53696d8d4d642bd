import { GetBucketWebsiteCommand, type S3Client } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import { attempt } from './errors.ts';

/** @returns true as well where it may not be asked */
export async function servesWebsite(bucket: string, client: S3Client): Promise<boolean> {
  try {
    const command = new GetBucketWebsiteCommand({ Bucket: bucket });
    await attempt({ operation: 'GetBucketWebsite', bucket, side: 'source' }, undefined, () => client.send(command));
    return true;
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error;
    // There is none, or the store serves none: Ceph answers 405 unless told to serve them, others a bare 404.
    const unknown = [404, 405].some((status) => error.fields.status === status) && error.fields.s3Code !== 'NoSuchBucket';
    if (error.code === 'REJECTED' || unknown) return false;
    if (error.code === 'ACCESS_DENIED') return true;
    throw error;
  }
}
