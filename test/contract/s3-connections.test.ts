/** Connections that are kept, and found dead when they are needed again: a function that was frozen meanwhile has not heard of their end. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type S3Bucket, type S3Region } from '../../lib/adapters/s3/index.ts';
import type { Findings } from '../../lib/ports/objects.ts';
import { put, text } from './object-store-support.ts';

const ETAG = '0123456789abcdef0123456789abcdef';
const CAPABLE = { conditionalPut: true, conditionalCopy: true, conditionalDelete: true, tags: true, checksums: true, versioned: true };
/** Nothing is tried, so that each request is one that a test makes. */
const FINDINGS: Findings = {
  recall: async () => ({
    capabilities: { writable: true, ...CAPABLE },
    foldsKeys: false,
    countsTags: true,
    copyDropsExpires: false,
    undoesDeletes: false,
  }),
  remember: async () => undefined,
};

describe('a kept connection that is dead', () => {
  let server: Server;
  let region: S3Region;
  let bucket: S3Bucket;
  let requests: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  const found = (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { etag: `"${ETAG}"`, 'content-length': '3', 'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT' });
    response.end();
  };

  beforeEach(async () => {
    requests = [];
    answer = found;
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      answer(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    region = createS3Region({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials, findings: FINDINGS });
    bucket = region.bucket('b');
    await bucket.head('first');
  });
  afterEach(async () => {
    region.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const reset = ({ socket }: IncomingMessage): void => void socket.resetAndDestroy();
  const resetOnce = (request: IncomingMessage): void => {
    answer = found;
    reset(request);
  };

  it('costs what only asks a second request, and no failure', async () => {
    answer = resetOnce;

    expect(await bucket.head('k')).toMatchObject({ present: true });
    expect(requests).toEqual(['HEAD /b/first', 'HEAD /b/k', 'HEAD /b/k']);
  });

  it('is a failure the second time', async () => {
    answer = reset;

    await expect(bucket.head('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests).toHaveLength(3);
  });

  it('lets no write happen twice: whether it was carried out is not known', async () => {
    answer = resetOnce;

    await expect(put(bucket, 'k', text('abc'))).rejects.toMatchObject({ code: 'UNAVAILABLE', fields: { outcomeUnknown: true } });
    expect(requests.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });
});
