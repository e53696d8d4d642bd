/** Answers that no server at hand gives, as Amazon S3 documents them, told by a plain HTTP server. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toTidemarkError } from '../../lib/adapters/s3/errors.ts';
import { createS3Region, type S3Bucket, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import { isPrecondition, put, sightLike, text } from './object-store-support.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Breaks the connection after the body. */
  readonly cut?: boolean;
}

const CREDENTIALS = { accessKeyId: 'a', secretAccessKey: 's' };
const ETAG = '0123456789abcdef0123456789abcdef';
const MODIFIED = '<LastModified>2026-11-21T10:00:00.000Z</LastModified>';
const FOUND = { etag: `"${ETAG}"`, 'content-length': '3', 'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT' };

function errorBody(code: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>because</Message>${more}<RequestId>R1</RequestId></Error>`;
}

for (const client of ['lean', 'sdk'] as const)
  describe(`S3 answers, by the ${client} client`, () => {
    let server: Server;
    let region: S3Region;
    let bucket: S3Bucket;
    let requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
    let answer: (line: string) => Answer;

    beforeEach(async () => {
      requests = [];
      server = createServer(async (request, response) => {
        const line = `${request.method} ${request.url}`;
        requests.push({ line, headers: request.headers });
        for await (const _chunk of request);
        const { status, headers = {}, body = '', cut = false } = answer(line);
        response.writeHead(status, { 'x-amz-request-id': 'R1', ...headers });
        if (cut) response.write(body, () => response.destroy());
        else response.end(body);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port was given');
      region = createS3Region({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials: CREDENTIALS }, client);
      bucket = region.bucket('b');
    });
    afterEach(async () => {
      region.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    it('copies a small object with one HEAD and one CopyObject', async () => {
      const copied = `<CopyObjectResult><ETag>"${ETAG}"</ETag></CopyObjectResult>`;
      answer = (line) => (line.startsWith('HEAD') ? { status: 200, headers: FOUND } : { status: 200, body: copied });
      const observation = await bucket.head('k');
      if (!observation.present) throw new Error('it is there');
      await serverSideLink(bucket, bucket)?.copy({ sourceKey: 'k', key: 'copy', sight: observation.sight });
      expect(requests.map(({ line }) => line.replace(/\?.*/, ''))).toEqual(['HEAD /b/k', 'PUT /b/copy']);
    });

    const always = (given: Answer): void => {
      answer = () => given;
    };
    const headed = async (headers: Record<string, string>): Promise<Sight> => {
      always({ status: 200, headers: { ...FOUND, ...headers } });
      const observation = await bucket.head('k');
      if (!observation.present) throw new Error('absent');
      return observation.sight;
    };
    const copied = (): Promise<unknown> => {
      const link = serverSideLink(bucket, region.bucket('c'));
      if (link === null) throw new Error('one credential reaches both');
      return link.copy({ sourceKey: 'k', key: 'k', sight: sightLike({ etag: ETAG }) });
    };

    describe('failures', () => {
      it.each([
        [503, 'SlowDown', 'THROTTLED'],
        [429, 'TooManyRequests', 'THROTTLED'],
        [503, 'ServiceUnavailable', 'UNAVAILABLE'],
        [500, 'InternalError', 'UNAVAILABLE'],
        [400, 'RequestTimeout', 'UNAVAILABLE'],
        [403, 'AccessDenied', 'ACCESS_DENIED'],
        [400, 'ExpiredToken', 'ACCESS_DENIED'],
        [403, 'InvalidObjectState', 'ARCHIVED'],
        [400, 'KeyTooLongError', 'KEY_NOT_STORABLE'],
        [400, 'EntityTooLarge', 'TOO_LARGE'],
        [400, 'BadDigest', 'INTEGRITY'],
        [404, 'NoSuchBucket', 'BUCKET_MISSING'],
        [412, 'PreconditionFailed', 'PRECONDITION_FAILED'],
        [409, 'ConditionalRequestConflict', 'PRECONDITION_FAILED'],
        [400, 'MetadataTooLarge', 'REJECTED'],
        [501, 'NotImplemented', 'REJECTED'],
      ])('%i %s is %s', async (status, s3Code, code) => {
        always({ status, body: errorBody(s3Code) });
        await expect(put(bucket, 'k', text('x'))).rejects.toMatchObject({ code });
      });

      it('carry what is needed to look into them', async () => {
        always({ status: 400, body: errorBody('MetadataTooLarge') });
        await expect(put(bucket, 'k', text('x'))).rejects.toMatchObject({
          message: 'PutObject was answered 400 MetadataTooLarge: because',
          fields: { operation: 'PutObject', bucket: 'b', key: 'k', status: 400, s3Code: 'MetadataTooLarge', requestId: 'R1' },
        });
      });

      it('are seen in a copy that was answered 200', async () => {
        always({ status: 200, body: errorBody('InternalError') });
        await expect(copied()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        always({ status: 200, body: errorBody('SlowDown') });
        await expect(copied()).rejects.toMatchObject({ code: 'THROTTLED' });
      });

      it('are not retried within', async () => {
        always({ status: 503, body: errorBody('SlowDown') });
        await expect(put(bucket, 'k', text('x'))).rejects.toThrow();
        expect(requests).toHaveLength(1);
      });

      it('of a body that ends early are no short body', async () => {
        const size = 1_000_000;
        const headers = { ...FOUND, 'content-length': String(size) };
        always({ status: 200, headers, body: Buffer.alloc(1_000), cut: true });
        const { body } = await bucket.read('k', { etag: ETAG });
        const read = async (): Promise<void> => {
          for await (const _chunk of body instanceof Uint8Array ? [body] : body);
        };
        await expect(read()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      });

      it('of an answer that is no HTTP leave open what came of the request', async () => {
        const garbled = createRawServer((socket) => {
          socket.once('data', () => socket.end('HTTP/1.1 nonsense\r\n\r\n'));
          socket.on('error', () => undefined);
        }).listen(0, '127.0.0.1');
        await once(garbled, 'listening');
        const address = garbled.address();
        const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
        const other = createS3Region({ region: 'eu-central-1', endpoint, credentials: CREDENTIALS }, client);
        try {
          await expect(other.bucket('b').remove('k')).rejects.toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true });
        } finally {
          other.close();
          garbled.close();
        }
      });

      it('of an endpoint that is not there', async () => {
        const nobody = createS3Region({ region: 'eu-central-1', endpoint: 'http://127.0.0.1:1', credentials: CREDENTIALS });
        await expect(nobody.bucket('b').head('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        const nowhere = createS3Region({ region: 'eu-central-1', endpoint: 'http://nowhere.invalid', credentials: CREDENTIALS });
        await expect(nowhere.bucket('b').check()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        nobody.close();
        nowhere.close();
      });
    });

    it('lists a key that the store did not encode rightly as it is', async () => {
      const entry = (key: string): string => `<Contents><Key>${key}</Key>${MODIFIED}<ETag>"${ETAG}"</ETag><Size>1</Size></Contents>`;
      const body = `<ListBucketResult><EncodingType>url</EncodingType>${entry('a+b')}${entry('100%')}</ListBucketResult>`;
      always({ status: 200, body });
      expect((await bucket.list({})).objects.map(({ key }) => key)).toEqual(['a b', '100%']);
    });

    it('lists the class of what is not kept as usual', async () => {
      const entry = (key: string, more: string): string =>
        `<Contents><Key>${key}</Key>${MODIFIED}<ETag>"${ETAG}"</ETag><Size>3</Size>${more}</Contents>`;
      const classOf = (name: string): string => `<StorageClass>${name}</StorageClass>`;
      const entries = entry('a', '') + entry('b', classOf('STANDARD')) + entry('c', classOf('GLACIER'));
      always({ status: 200, body: `<ListBucketResult>${entries}</ListBucketResult>` });

      expect((await bucket.list({})).objects.map(({ storageClass }) => storageClass)).toEqual([undefined, undefined, 'GLACIER']);
    });

    it.each([
      ['an error with a status of 200', errorBody('SlowDown'), 'THROTTLED'],
      [
        'a listing that ends early',
        '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key>',
        client === 'lean' ? 'UNAVAILABLE' : 'REJECTED',
      ],
      ['more to come, and no token', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>', 'REJECTED'],
    ])('takes %s for no short listing', async (_case, body, code) => {
      always({ status: 200, body });
      await expect(bucket.list({})).rejects.toMatchObject({ code });
    });

    // The SDK's own parser reads what it can.
    if (client === 'lean') {
      it('asks again where an entry cannot be read, rather than believing it', async () => {
        always({ status: 200, body: `<ListBucketResult><Contents><Key>a</Key>${MODIFIED}<Size>many</Size></Contents></ListBucketResult>` });
        await expect(bucket.list({})).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
      });
    }

    it('takes a long listing that breaks off for a store that did not answer', async () => {
      always({ status: 200, headers: { 'content-length': '1000000' }, body: Buffer.alloc(300_000, 'a'), cut: true });
      await expect(bucket.list({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    });

    it('asks for fewer keys than a page where that is enough', async () => {
      always({ status: 200, body: '<ListBucketResult></ListBucketResult>' });
      await bucket.list({ limit: 200 });

      expect(requests[0]?.line).toContain('max-keys=200');
    });

    describe('absence', () => {
      it('is believed only when the bucket answers', async () => {
        answer = (line) => ({ status: line.includes('/b/k') ? 404 : 200 });
        expect(await bucket.head('k')).toEqual({ present: false });
        answer = () => ({ status: 404 });
        await expect(bucket.head('k')).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
        answer = (line) => ({ status: line.includes('/b/k') ? 404 : 503 });
        await expect(bucket.head('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
        answer = () => ({ status: 403 });
        await expect(bucket.head('k')).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
      });

      it('is told by a delete marker alone', async () => {
        always({ status: 404, headers: { 'x-amz-delete-marker': 'true' } });
        expect(await bucket.head('k')).toEqual({ present: false });
        expect(requests).toHaveLength(1);
      });
    });

    it.each([
      ['the source alone has one', { status: 412 }, false, 'source'],
      ['the source is gone', { status: 404, s3Code: 'NoSuchKey' }, true, 'source'],
      ['both have one, and S3 names the source', { status: 412, condition: 'x-amz-copy-source-If-Match' }, true, 'source'],
      ['both have one, and S3 names the destination', { status: 412, condition: 'If-None-Match' }, true, 'destination'],
      ['two wrote at once', { status: 409, s3Code: 'ConditionalRequestConflict' }, true, 'destination'],
      ['the upload is gone', { status: 404, s3Code: 'NoSuchUpload' }, false, 'destination'],
    ] as const)('say which end of a copy a condition speaks of: %s', (_case, failure, destinationCondition, side) => {
      const error = toTidemarkError(
        { message: '', ...failure },
        { operation: 'CopyObject', bucket: 'b', key: 'k', side: 'source', destinationCondition },
      );
      expect(error).toSatisfy(isPrecondition(side));
    });

    describe('sight', () => {
      it.each([
        [{ 'x-amz-storage-class': 'GLACIER' }, true],
        [{ 'x-amz-storage-class': 'DEEP_ARCHIVE', 'x-amz-restore': 'ongoing-request="true"' }, true],
        [{ 'x-amz-storage-class': 'GLACIER', 'x-amz-restore': 'ongoing-request="false", expiry-date="Fri, 21 Dec 2040 00:00:00 GMT"' }, undefined],
        [{ 'x-amz-storage-class': 'GLACIER_IR' }, undefined],
        [{ 'x-amz-storage-class': 'INTELLIGENT_TIERING' }, undefined],
        [{ 'x-amz-storage-class': 'INTELLIGENT_TIERING', 'x-amz-archive-status': 'ARCHIVE_ACCESS' }, true],
      ])('of %o is archived: %s', async (headers, archived) => {
        expect((await headed(headers)).archived).toBe(archived);
      });

      it('decodes metadata as S3 writes it and as others wrote it', async () => {
        const raw = Buffer.from('Zürich').toString('latin1');
        const { metadata } = await headed({
          'x-amz-meta-b': '=?UTF-8?B?R3LDvMOfZQ==?=',
          'x-amz-meta-q': '=?UTF-8?Q?Gr=C3=BC=C3=9Fe_an?= =?UTF-8?Q?_alle?=',
          'x-amz-meta-raw': raw,
          'x-amz-meta-latin': 'Z\u00fcrich',
        });
        expect(metadata).toEqual({ b: 'Grüße', q: 'Grüße an alle', raw: 'Zürich', latin: 'Zürich' });
      });

      it('knows an MD5 only where the etag is one', async () => {
        expect((await headed({})).md5).toBe(ETAG);
        expect((await headed({ 'x-amz-server-side-encryption': 'AES256' })).md5).toBe(ETAG);
        expect((await headed({ 'x-amz-server-side-encryption': 'aws:kms' })).md5).toBeUndefined();
        expect((await headed({ 'x-amz-server-side-encryption-customer-algorithm': 'AES256' })).md5).toBeUndefined();
        expect((await headed({ etag: `"${ETAG}-2"` })).md5).toBeUndefined();
      });

      it('never calls a checksum of parts one of the whole', async () => {
        expect((await headed({ 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-type': 'FULL_OBJECT' })).checksum?.type).toBe('FULL_OBJECT');
        expect((await headed({ 'x-amz-checksum-sha256': 'AAAA-2', 'x-amz-checksum-type': 'COMPOSITE' })).checksum?.type).toBe('COMPOSITE');
        expect((await headed({ etag: `"${ETAG}-2"`, 'x-amz-checksum-crc32': 'AAAAAA==' })).checksum?.type).toBe('COMPOSITE');
      });
    });

    it('sends a copy pinned by etag, without a version, and every key encoded', async () => {
      const key = 'a b/+%?#&=😀.txt';
      always({ status: 200, body: `<CopyObjectResult><ETag>"${ETAG}"</ETag></CopyObjectResult>` });
      await serverSideLink(bucket, bucket)?.copy({
        sourceKey: key,
        key,
        sight: sightLike({ etag: ETAG, versionId: 'v1', storageClass: 'GLACIER_IR' }),
      });
      expect(requests).toHaveLength(1);
      expect(requests[0]?.headers).toMatchObject({
        'x-amz-copy-source': 'b/a%20b/%2B%25%3F%23%26%3D%F0%9F%98%80.txt',
        'x-amz-copy-source-if-match': `"${ETAG}"`,
        'x-amz-metadata-directive': 'COPY',
        'x-amz-tagging-directive': 'COPY',
        'x-amz-storage-class': 'GLACIER_IR',
      });
    });
  });
