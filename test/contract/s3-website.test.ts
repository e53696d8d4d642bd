/** Whether a bucket serves a website, by the answers of stores that are not at hand: told by a plain HTTP server. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { servesWebsite } from '../../lib/adapters/s3/website.ts';

let server: Server;
let client: S3Client;
let answer: readonly [status: number, body: string];

const error = (code: string): string => `<Error><Code>${code}</Code><Message>because</Message></Error>`;

beforeEach(async () => {
  server = createServer((_request, response) => {
    const [status, body] = answer;
    response.writeHead(status).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  client = new S3Client({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials, forcePathStyle: true, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  server.close();
  await once(server, 'close');
});

it.each([
  ['it has one', 200, '<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>', true],
  ['it may not be asked', 403, error('AccessDenied'), true],
  ['it has none', 404, error('NoSuchWebsiteConfiguration'), false],
  ['the store has none, as Ceph says it', 405, error('MethodNotAllowed'), false],
  ['the store has none, and names no reason', 404, '', false],
  ['the store has none, as most say it', 501, error('NotImplemented'), false],
])('a bucket of which is answered that %s', async (_case, status, body, serves) => {
  answer = [status, body];
  expect(await servesWebsite('b', client)).toBe(serves);
});

it.each([
  ['a bucket that is missing', 404, 'NoSuchBucket', 'BUCKET_MISSING'],
  ['a store that fails', 500, 'InternalError', 'UNAVAILABLE'],
])('of %s nothing is learnt', async (_case, status, s3Code, code) => {
  answer = [status, error(s3Code)];
  await expect(servesWebsite('b', client)).rejects.toMatchObject({ code });
});
