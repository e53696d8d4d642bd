import { DeleteObjectCommand, ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';

interface Named {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
}

/**
 * Removes what lies under a prefix with all its versions, so that a versioned bucket keeps nothing of a probe.
 * @param known keys to remove where versions cannot be listed
 */
export async function removeAll(client: S3Client, bucket: string, prefix: string, known: readonly string[]): Promise<void> {
  for (const { Key, VersionId } of await versionsUnder(client, bucket, prefix, known)) {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
  }
}

async function versionsUnder(client: S3Client, bucket: string, prefix: string, known: readonly string[]): Promise<readonly Named[]> {
  try {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }));
    return [...Versions, ...DeleteMarkers];
  } catch {
    return known.map((Key) => ({ Key }));
  }
}
