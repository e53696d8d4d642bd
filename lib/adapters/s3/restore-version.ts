/** A former version of a key as its newest again: a copy of the key onto itself, which the store makes with all that belongs to it. */
import { CopyObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { TidemarkError } from '../../core/errors.ts';
import type { Condition, VersionKeeper, Written } from '../../ports/objects.ts';
import type { Place } from './calls.ts';
import type { S3Connection } from './connection.ts';
import { copySource, quoted } from './encoding.ts';
import { type Attempt, attempt } from './errors.ts';
import { withHeaders } from './extra-headers.ts';
import { conditionFields, expiresHeader, propertiesOf } from './properties.ts';
import { sightOf, writtenOf } from './sight.ts';
import { StorageFields } from './storage-fields.ts';

/** One request copies no more. */
const MAX_BYTES = 5 * 1024 ** 3;

/**
 * Timeline: the version is looked at → it is copied, pinned to its etag. Metadata is written out where the store's own copy of it is not whole.
 * @throws as VersionKeeper.restore; TidemarkError TOO_LARGE
 */
export async function restoreVersion(
  { client }: S3Connection,
  { bucket, key }: Place,
  { versionId, etag }: Parameters<VersionKeeper['restore']>[1],
  { condition, copyDropsExpires }: { readonly condition: Condition | undefined; readonly copyDropsExpires: boolean },
): Promise<Written> {
  const what: Attempt = { operation: 'HeadObject', bucket, key, side: 'source' };
  const sight = sightOf(await attempt(what, undefined, () => client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }))));
  if (sight === null) throw new TidemarkError('REJECTED', 'the store names no etag of the version', { bucket, key, versionId });
  if (sight.size > MAX_BYTES) throw new TidemarkError('TOO_LARGE', 'a version of more than 5 GiB is copied back by hand', { bucket, key, versionId });
  const replace = copyDropsExpires && sight.headers.expires !== undefined;
  const redirect = sight.headers.websiteRedirectLocation;
  // Its own class; the bucket's own encryption.
  return new StorageFields().keep(bucket, sight, (keptAs) =>
    attempt({ ...what, operation: 'CopyObject', destinationCondition: condition !== undefined }, undefined, async () => {
      const command = new CopyObjectCommand({
        Bucket: bucket,
        Key: key,
        CopySource: `${copySource(bucket, key)}?versionId=${encodeURIComponent(versionId)}`,
        CopySourceIfMatch: quoted(etag),
        TaggingDirective: 'COPY',
        ...(replace ? { ...propertiesOf({ ...sight, tags: {} }), MetadataDirective: 'REPLACE' } : { MetadataDirective: 'COPY' }),
        ...(redirect === undefined ? {} : { WebsiteRedirectLocation: redirect }),
        ...keptAs,
        ...conditionFields(condition),
      });
      const answer = await client.send(withHeaders(command, replace ? expiresHeader(sight) : {}));
      return writtenOf({ ...answer, ...answer.CopyObjectResult });
    }),
  );
}
