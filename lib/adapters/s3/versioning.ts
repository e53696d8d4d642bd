import { GetBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Capabilities } from '../../ports/objects.ts';
import { attempt } from './errors.ts';

export type Versioning = Required<Pick<Capabilities, 'versioned' | 'neverVersioned'>>;

/** A bucket whose versioning is suspended holds former ones, and one that may not be asked may. */
export async function versioningOf(bucket: string, client: S3Client): Promise<Versioning> {
  try {
    const command = new GetBucketVersioningCommand({ Bucket: bucket });
    const { Status } = await attempt({ operation: 'GetBucketVersioning', bucket, side: 'source' }, undefined, () => client.send(command));
    return { versioned: Status === 'Enabled', neverVersioned: Status === undefined };
  } catch (error) {
    if (error instanceof TidemarkError && (error.code === 'ACCESS_DENIED' || error.code === 'REJECTED'))
      return { versioned: false, neverVersioned: false };
    throw error;
  }
}
