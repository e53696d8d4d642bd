/** What a route overrides of its copies, as it goes over the wire: the storage class, and the key of KMS. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type Overrides, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import type { ServerSideCopy } from '../../lib/ports/objects.ts';
import { proveCopy } from '../../lib/usecases/prove.ts';
import { put, sightLike, text } from './object-store-support.ts';

const CREDENTIALS = { accessKeyId: 'a', secretAccessKey: 's' };
const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
const ENCRYPTION = { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': KEY };
const UNENCRYPTED = { 'x-amz-server-side-encryption': undefined, 'x-amz-server-side-encryption-aws-kms-key-id': undefined };
const NO_CLASS = { 'x-amz-storage-class': undefined };
/** Of the same shape as an MD5, and none. */
const KMS_ETAG = 'fedcba9876543210fedcba9876543210';
const UNKNOWN_CLASS = '<Error><Code>InvalidStorageClass</Code><Message>because</Message></Error>';

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What S3 answers to whatever is written with a key of KMS. */
function written(line: string): Answer {
  const headers = { etag: `"${KMS_ETAG}"`, 'x-amz-server-side-encryption': 'aws:kms' };
  if (line.includes('?uploads'))
    return { status: 200, body: '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>' };
  if (line.includes('uploadId=') && line.startsWith('POST')) {
    return { status: 200, body: `<CompleteMultipartUploadResult><ETag>"${KMS_ETAG}-2"</ETag></CompleteMultipartUploadResult>` };
  }
  return { status: 200, headers, body: line.includes('/copied') ? `<CopyObjectResult><ETag>"${KMS_ETAG}"</ETag></CopyObjectResult>` : '' };
}

for (const client of ['lean', 'sdk'] as const)
  describe(`overrides, by the ${client} client`, () => {
    let server: Server;
    let region: S3Region;
    let requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
    let answer: (line: string, headers: IncomingMessage['headers']) => Answer;

    beforeEach(async () => {
      requests = [];
      answer = written;
      server = createServer(async (request, response) => {
        const line = `${request.method} ${request.url}`;
        requests.push({ line, headers: request.headers });
        for await (const _chunk of request);
        const { status, headers = {}, body = '' } = answer(line, request.headers);
        response.writeHead(status, headers);
        response.end(body);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port was given');
      region = createS3Region({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials: CREDENTIALS }, client);
    });
    afterEach(async () => {
      region.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });

    const copier = (overrides: Overrides): ServerSideCopy => {
      const link = serverSideLink(region.bucket('source'), region.bucket('b', overrides));
      if (link === null) throw new Error('one credential reaches both');
      return link;
    };
    /** Each way in which an object comes to be. */
    const ways: Readonly<Record<string, (overrides: Overrides, sight: Sight) => Promise<unknown>>> = {
      'a PUT': (overrides, like) => put(region.bucket('b', overrides), 'k', text('x'), { like }),
      'a copy': (overrides, sight) => copier(overrides).copy({ sourceKey: 'k', key: 'copied', sight }),
      'an upload of copied parts': (overrides, sight) => copier(overrides).startUpload({ sourceKey: 'k', key: 'k', sight }),
      'an upload of streamed parts': (overrides, like) => {
        const body = Buffer.alloc(9 * 1024 * 1024);
        return region.bucket('b', overrides).write('k', body, { size: body.length, like });
      },
    };

    describe.each(Object.entries(ways))('%s', (_way, write) => {
      it('is of the class and encrypted with the key that the route names, whatever the source is kept as', async () => {
        await write({ storageClass: 'STANDARD_IA', kmsKeyArn: KEY }, sightLike({ size: 1, storageClass: 'GLACIER_IR' }));

        expect(requests[0]?.headers).toMatchObject({ ...ENCRYPTION, 'x-amz-storage-class': 'STANDARD_IA' });
      });

      it('is of the store’s own class where the route names that', async () => {
        await write({ storageClass: 'STANDARD' }, sightLike({ size: 1, storageClass: 'GLACIER_IR' }));

        expect({ ...NO_CLASS, ...UNENCRYPTED, ...requests[0]?.headers }).toMatchObject({ ...NO_CLASS, ...UNENCRYPTED });
      });

      it('is as its source where the route names nothing', async () => {
        await write({}, sightLike({ size: 1, storageClass: 'GLACIER_IR' }));

        expect({ ...UNENCRYPTED, ...requests[0]?.headers }).toMatchObject({ ...UNENCRYPTED, 'x-amz-storage-class': 'GLACIER_IR' });
      });

      it('fails where the store does not know the class that the route names', async () => {
        answer = () => ({ status: 400, body: UNKNOWN_CLASS });

        await expect(write({ storageClass: 'GLACER' }, sightLike({ size: 1 }))).rejects.toMatchObject({
          code: 'REJECTED',
          message: 'the store does not know the storage class GLACER that the route asks for',
        });
        expect(requests).toHaveLength(1);
      });

      it('stays encrypted where the store does not know the class of the source', async () => {
        answer = (line, headers) => (headers['x-amz-storage-class'] === undefined ? written(line) : { status: 400, body: UNKNOWN_CLASS });

        await write({ kmsKeyArn: KEY }, sightLike({ size: 1, storageClass: 'EXPRESS_TOMORROW' }));

        expect({ ...NO_CLASS, ...requests[1]?.headers }).toMatchObject({ ...ENCRYPTION, ...NO_CLASS });
      });
    });

    it('are a matter of the bucket that is asked for with them, which keeps what it found out', () => {
      const overrides: Overrides = { storageClass: 'STANDARD_IA', kmsKeyArn: KEY };
      const bucket = region.bucket('b', overrides);

      expect(region.bucket('b', { ...overrides })).toBe(bucket);
      for (const others of [{}, { kmsKeyArn: KEY }, { storageClass: 'STANDARD_IA' }]) expect(region.bucket('b', others)).not.toBe(bucket);
      expect(region.bucket('c', overrides)).not.toBe(bucket);
    });

    it('takes no etag of what KMS encrypts for an MD5, so that an equal copy is none that differs', async () => {
      const source = sightLike({ etag: '9dd4e461268c8034f5c8564e155c67a6', md5: '9dd4e461268c8034f5c8564e155c67a6', size: 1 });
      const copied = await copier({ kmsKeyArn: KEY }).copy({ sourceKey: 'k', key: 'copied', sight: source });
      const streamed = await put(region.bucket('b', { kmsKeyArn: KEY }), 'k', text('x'), { like: source });

      expect(copied).toEqual({ etag: KMS_ETAG });
      expect(streamed).toEqual({ etag: KMS_ETAG });
      expect(() => proveCopy(source, copied)).not.toThrow();
    });

    describe('what is tried to find out what the store can do', () => {
      it('is encrypted with the key and of no class, and a store that encrypts nothing is refused', async () => {
        answer = (line) => ({
          status: 200,
          headers: { etag: `"${KMS_ETAG}"`, 'content-length': '0' },
          body: line.includes('list-type') ? '<x/>' : '',
        });

        const destination = region.bucket('b', { storageClass: 'DEEP_ARCHIVE', kmsKeyArn: KEY });

        await expect(destination.capabilities()).rejects.toMatchObject({ code: 'REJECTED', message: expect.stringContaining('does not encrypt') });
        const puts = requests.filter(({ line }) => line.startsWith('PUT'));
        expect(puts).toHaveLength(1);
        expect({ ...NO_CLASS, ...puts[0]?.headers }).toMatchObject({ ...ENCRYPTION, ...NO_CLASS });
      });
    });
  });
