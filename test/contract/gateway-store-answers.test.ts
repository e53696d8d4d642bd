/** A region that hangs, breaks off or answers strangely, as a gateway meets it: told by a plain HTTP server. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, S3GatewayStore, type S3Region } from '../../lib/adapters/s3/index.ts';
import { LeaseLostError } from '../../lib/core/errors.ts';
import type { Findings } from '../../lib/ports/objects.ts';
import { blocks, MIB, md5Of, store as put, served } from './gateway-store-support.ts';

const ETAG = '0123456789abcdef0123456789abcdef';
const FOUND = { etag: `"${ETAG}"`, 'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT' };
const CAPABLE = {
  writable: true,
  conditionalPut: true,
  conditionalCopy: true,
  conditionalDelete: true,
  tags: true,
  checksums: true,
  versioned: true,
  neverVersioned: false,
  listsInOrder: true,
  copiesHeaders: true,
  servesWebsite: false,
};
/** Nothing is tried, so that each request is one that a test makes. */
const FINDINGS: Findings = {
  recall: async () => ({ capabilities: CAPABLE, foldsKeys: false, countsTags: true, copyDropsExpires: false, undoesDeletes: false }),
  remember: async () => undefined,
};
const PATIENCE_MS = 300;

type Respond = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

describe('a region that fails', () => {
  let server: Server;
  let region: S3Region;
  let store: S3GatewayStore;
  let requests: string[];
  /** Connections that the client closed before they were answered. */
  let closed: number;
  let respond: Respond;

  beforeEach(async () => {
    requests = [];
    closed = 0;
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.on('close', () => {
        if (!response.writableFinished) closed++;
      });
      // A client that breaks off is what some of these tests are about.
      Promise.resolve(respond(request, response)).catch(() => undefined);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    const endpoint = `http://127.0.0.1:${address.port}`;
    region = createS3Region({ region: 'eu-central-1', endpoint, credentials, findings: FINDINGS, requestTimeoutMs: PATIENCE_MS, maxSockets: 4 });
    store = new S3GatewayStore(region.bucket('b'));
  });
  afterEach(async () => {
    region.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const silence: Respond = () => undefined;
  const answering =
    (status: number, headers: Readonly<Record<string, string>> = {}, body: string | Buffer = ''): Respond =>
    async (request, response) => {
      for await (const _chunk of request);
      response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)), ...headers }).end(body);
    };
  const code = (name: string): string => `<Error><Code>${name}</Code><Message>because</Message></Error>`;

  it('and never answers, is given up', async () => {
    respond = silence;
    const acts = [() => store.get('k'), () => store.head('k'), () => store.check(), () => put(store, 'k', 'x'), () => store.remove('k')];
    for (const act of acts) await expect(act()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('and never answers, is left as soon as the caller gives up', async () => {
    for (const act of [
      (signal: AbortSignal) => store.get('k', { signal }),
      (signal: AbortSignal) => store.head('k', { signal }),
      (signal: AbortSignal) => store.check(signal),
      (signal: AbortSignal) => put(store, 'k', 'x', { signal }),
      (signal: AbortSignal) => store.remove('k', { signal }),
    ]) {
      const controller = new AbortController();
      respond = () => controller.abort();
      const before = closed;
      await expect(act(controller.signal)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      await expect.poll(() => closed).toBeGreaterThan(before);
    }
  });

  it.each([
    ['stands still', () => undefined],
    ['breaks off', (response: ServerResponse) => void response.destroy()],
  ])('within a body that %s, fails the reader', async (_how, then) => {
    respond = (_request, response) => {
      response.writeHead(200, { ...FOUND, 'content-length': String(4 * MIB) });
      response.write(Buffer.alloc(MIB), () => then(response));
    };
    const { body } = await served(store, 'k');
    await expect(md5Of(body)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('is left by readers who leave, before the first byte too', async () => {
    respond = (_request, response) => {
      response.writeHead(200, { ...FOUND, 'content-length': String(64 * MIB) });
      response.write(Buffer.alloc(MIB));
    };
    // More than there are connections: none is kept by a body that nobody reads.
    for (let i = 0; i < 8; i++) {
      const { body } = await served(store, 'k');
      if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
    }
    await expect.poll(() => closed).toBe(8);
  });

  it('in a write whose answer is lost, may have carried it out', async () => {
    respond = async (request) => {
      for await (const _chunk of request);
      request.socket.destroy();
    };
    await expect(put(store, 'k', 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true });
    await expect(store.remove('k')).rejects.toMatchObject({ code: 'UNAVAILABLE', outcomeUnknown: true });
    expect(requests).toEqual(['PUT /b/k', 'DELETE /b/k']);
  });

  it('in the middle of a large write, ends it at once, and not when all was sent', async () => {
    const opened = '<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>';
    respond = (request, response) => {
      if (request.method === 'POST') return answering(200, {}, opened)(request, response);
      return answering(request.method === 'DELETE' ? 204 : 500, {}, request.method === 'DELETE' ? '' : code('InternalError'))(request, response);
    };
    let taken = 0;
    const body = blocks(1_000 * MIB, async () => {
      taken++;
      await new Promise((resolve) => setImmediate(resolve));
    });
    await expect(put(store, 'k', body)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(taken).toBeLessThan(500);
    expect(requests.at(-1)).toMatch(/^DELETE .*uploadId=u1/);
    expect(requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('and knows no trailers, is sent a large body in parts', async () => {
    respond = (request, response) => {
      if (request.url?.includes('-trailer')) return answering(501, {}, code('NotImplemented'))(request, response);
      return answering(500, {}, code('InternalError'))(request, response);
    };
    await expect(put(store, 'k', blocks(9 * MIB), { size: 9 * MIB })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests.at(-1)).toMatch(/^POST \/b\/k\?uploads/);
  });

  it('gets no end of a body that is refused when all of it has come', async () => {
    let end = '';
    let received = 0;
    let ended = false;
    respond = async (request, response) => {
      const { method, url = '' } = request;
      if (url !== '/b/k') {
        // The store is found to hold bodies against their trailers.
        if (method === 'PUT' && url.endsWith('-wrong-trailer')) return answering(400, {}, code('BadDigest'))(request, response);
        if (method === 'HEAD') return void response.writeHead(200, { ...FOUND, 'content-length': '1' }).end();
        return answering(method === 'DELETE' ? 204 : 200, { etag: FOUND.etag })(request, response);
      }
      request.on('close', () => {
        ended = true;
      });
      for await (const chunk of request) {
        received += chunk.length;
        end = (end + chunk.toString('latin1')).slice(-200);
      }
    };
    const size = 9 * MIB;
    const refused = new LeaseLostError('k', 'another gateway is active');
    async function* body(): AsyncGenerator<Uint8Array> {
      yield* blocks(size - 1);
      yield Buffer.from('!');
      // All that may go has gone: the last frame, and the checksum behind it, have not.
      await expect.poll(() => received).toBeGreaterThanOrEqual(size - 1 - MIB);
    }
    const beforeCommit = (): void => {
      throw refused;
    };
    await expect(put(store, 'k', body(), { size, beforeCommit })).rejects.toBe(refused);
    await expect.poll(() => ended).toBe(true);
    expect(end).not.toMatch(/!|x-amz-checksum/);
  });

  it.each([
    [503, 'SlowDown', 'THROTTLED'],
    [500, 'InternalError', 'UNAVAILABLE'],
    [403, 'AccessDenied', 'ACCESS_DENIED'],
    [404, 'NoSuchBucket', 'BUCKET_MISSING'],
    [403, 'InvalidObjectState', 'ARCHIVED'],
    [400, 'MetadataTooLarge', 'REJECTED'],
  ])('with %i %s, is told of as %s', async (status, name, expected) => {
    respond = answering(status, {}, code(name));
    await expect(store.get('k')).rejects.toMatchObject({ code: expected });
    await expect(put(store, 'k', 'x')).rejects.toMatchObject({ code: expected });
  });

  it('with a conflict where nothing was to match, is not told of as a failed condition', async () => {
    respond = answering(409, {}, code('OperationAborted'));
    await expect(put(store, 'k', 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(store.remove('k')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('and names no code with a 404, is asked for its bucket before the object counts as absent', async () => {
    respond = answering(404);
    await expect(store.get('k')).rejects.toMatchObject({ code: 'BUCKET_MISSING' });
    respond = (request, response) => answering(request.url === '/b/k' ? 404 : 200)(request, response);
    expect(await store.get('k')).toEqual({ kind: 'absent' });
  });

  it('and ignores the range, serves the whole, and says so', async () => {
    respond = answering(200, FOUND, 'abcdef');
    expect(await served(store, 'k', { range: 'bytes=1-2' })).not.toHaveProperty('part');
  });

  it('and says not which part it answers with, is not believed', async () => {
    respond = answering(206, FOUND, 'bc');
    await expect(store.get('k', { range: 'bytes=1-2' })).rejects.toMatchObject({ code: 'REJECTED' });
    respond = answering(206, { ...FOUND, 'content-range': 'bytes 1-3/6' }, 'bc');
    await expect(store.get('k', { range: 'bytes=1-2' })).rejects.toMatchObject({ code: 'REJECTED' });
  });

  it('asks once for what has no condition, and looks first where there is one', async () => {
    respond = answering(200, FOUND, 'abc');
    await served(store, 'k');
    await served(store, 'k', { ifNoneMatch: '"another"' });
    expect(requests).toEqual(['GET /b/k', 'HEAD /b/k', 'GET /b/k']);
  });
});
