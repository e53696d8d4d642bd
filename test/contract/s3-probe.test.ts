/** What is taken of an endpoint where not everything may be tried: told by a plain HTTP server. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type S3Region } from '../../lib/adapters/s3/index.ts';

const FOUND = { etag: '"0123456789abcdef0123456789abcdef"', 'content-length': '1', 'last-modified': 'Sat, 21 Nov 2026 10:00:00 GMT' };
const EXPIRES = 'Thu, 01 Jan 2032 00:00:00 GMT';
const refusal = (code: string): string => `<Error><Code>${code}</Code><Message>because</Message></Error>`;

let server: Server;
let region: S3Region;
let copies: boolean;
let writes: boolean;
let keepsExpires: boolean;
let versioning: { readonly status: number; readonly body: string };

beforeEach(async () => {
  writes = true;
  versioning = { status: 501, body: refusal('NotImplemented') };
  server = createServer(async (request, response) => {
    for await (const _chunk of request);
    const { method, url = '', headers } = request;
    if (headers['x-amz-copy-source'] !== undefined && !copies) response.writeHead(403).end(refusal('AccessDenied'));
    else if (headers['x-amz-copy-source'] !== undefined) response.end(`<CopyObjectResult><ETag>${FOUND.etag}</ETag></CopyObjectResult>`);
    else if (method === 'HEAD') response.writeHead(200, { ...FOUND, ...(keepsExpires ? { expires: EXPIRES } : {}) }).end();
    else if (method === 'PUT' && !writes) response.writeHead(403).end(refusal('AccessDenied'));
    else if (method === 'PUT') response.writeHead(200, { etag: FOUND.etag }).end();
    else if (method === 'DELETE') response.writeHead(204).end();
    else if (/[?&]versioning/.test(url)) response.writeHead(versioning.status).end(versioning.body);
    else if (url.includes('list-type')) response.end('<ListBucketResult></ListBucketResult>');
    else response.writeHead(501).end(refusal('NotImplemented'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  region = createS3Region({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials });
});
afterEach(async () => {
  region.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it.each([
  ['a copy that kept them', true, true, true],
  ['a copy that dropped one', true, false, false],
  ['a copy that was refused', false, true, false],
])('takes a store to copy all headers only after %s', async (_case, mayCopy, keeps, expected) => {
  [copies, keepsExpires] = [mayCopy, keeps];
  expect(await region.bucket('b').capabilities()).toMatchObject({ writable: true, copiesHeaders: expected });
});

const told = (status: string) => ({ status: 200, body: `<VersioningConfiguration>${status}</VersioningConfiguration>` });

describe.each([true, false])('versions of a bucket that may be written: %s', (writable) => {
  it.each([
    ['says that it keeps none', told(''), { versioned: false, neverVersioned: true }],
    ['keeps them', told('<Status>Enabled</Status>'), { versioned: true, neverVersioned: false }],
    ['kept them', told('<Status>Suspended</Status>'), { versioned: false, neverVersioned: false }],
    ['does not let us ask', { status: 403, body: refusal('AccessDenied') }, { versioned: false, neverVersioned: false }],
    ['does not understand', { status: 501, body: refusal('NotImplemented') }, { versioned: false, neverVersioned: false }],
  ])('are ruled out by its word alone: it %s', async (_case, answer, expected) => {
    [versioning, copies, keepsExpires, writes] = [answer, true, true, writable];
    expect(await region.bucket('b').capabilities()).toMatchObject({ writable, ...expected });
  });
});
