/** Addresses that let their holder read or write one object for a while. */
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Presigned, PresignRequest } from '../../ports/gateway-store.ts';
import type { S3Bucket } from './bucket.ts';

/**
 * What a put must send is signed as headers, not moved into the address: the store refuses what differs.
 * An address never outlives the credential that signed it: with a role's, some hours at most.
 */
export async function presign({ name, connection }: S3Bucket, request: PresignRequest): Promise<Presigned> {
  const { op, key, expiresSec: expiresIn } = request;
  const at = { Bucket: name, Key: key };
  if (op === 'get') return { url: await getSignedUrl(connection.client, new GetObjectCommand(at), { expiresIn }), headers: {} };
  const headers = headersOf(request);
  const command = new PutObjectCommand({
    ...at,
    ContentType: request.contentType,
    ContentMD5: request.contentMd5,
    Metadata: request.metadata,
    ...(request.checksum ? { [`Checksum${request.checksum.algorithm}`]: request.checksum.value } : {}),
  });
  const names = new Set(Object.keys(headers));
  return {
    url: await getSignedUrl(connection.client, command, { expiresIn, signableHeaders: new Set(['host', ...names]), unhoistableHeaders: names }),
    headers,
  };
}

function headersOf({ contentType, contentMd5, checksum, metadata = {} }: PresignRequest): Readonly<Record<string, string>> {
  return {
    ...(contentType === undefined ? {} : { 'content-type': contentType }),
    ...(contentMd5 === undefined ? {} : { 'content-md5': contentMd5 }),
    ...(checksum ? { [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value } : {}),
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
}
