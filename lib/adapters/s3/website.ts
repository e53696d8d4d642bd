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
    // There is none, or the store serves none.
    if (error instanceof TidemarkError && error.code === 'REJECTED') return false;
    if (error instanceof TidemarkError && error.code === 'ACCESS_DENIED') return true;
    throw error;
  }
}
