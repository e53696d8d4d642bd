/** Requests to the API on AWS, judged by a server that works the signature out by itself. */
import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signer } from '../../../lib/cli/transport/signer.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const sha256 = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');
const encoded = (part: string): string =>
  encodeURIComponent(part).replaceAll(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);

/** As "Create a signed AWS API request" of the IAM user guide says. */
function isSigned({ method, url = '/', headers }: IncomingMessage, body: string): boolean {
  const { pathname, searchParams } = new URL(url, 'http://host');
  const [, scope = '', names = '', signature] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
  const query = [...searchParams].map(([name, value]) => `${encoded(name)}=${encoded(value)}`).sort();
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  // A path is encoded once more for every service but S3.
  const path = pathname.split('/').map(encoded).join('/');
  const canonical = [method, path, query.join('&'), lines.join(''), names, sha256(body)].join('\n');
  let key: string | Buffer = `AWS4${SECRET}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const wanted = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  return (
    names.includes('host') &&
    scope.endsWith('/eu-west-1/execute-api/aws4_request') &&
    signature === createHmac('sha256', key).update(wanted).digest('hex')
  );
}

describe('a signed request', () => {
  let server: Server;
  let origin: string;
  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET);
    server = createServer(async (request, response) => response.writeHead(isSigned(request, await text(request)) ? 200 : 403).end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    origin = `http://127.0.0.1:${address.port}`;
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['GET', '/metrics'],
    ['GET', `/events?keyLike=${encodeURIComponent("naïve/日本 (1)*!'+&.txt")}&limit=5`],
    ['GET', `/events/${encodeURIComponent('route.hash.a/b c')}`],
    ['POST', '/events/requeue', '{"ids":["ü"]}'],
  ] as const)('%s %s is accepted', async (method, path, body?: string) => {
    const url = new URL(path, origin);
    const sent = body === undefined ? {} : { body };
    const headers = await signer('eu-west-1')(url, { method, path, headers: { accept: 'application/json' }, ...sent });

    expect((await fetch(url, { method, headers, ...sent })).status).toBe(200);
    expect((await fetch(url, { method, headers: { ...headers, 'x-amz-date': '20260101T000000Z' }, ...sent })).status).toBe(403);
  });
});
