/** What the verifier of JSON web tokens asks of their issuer, and what it says of an issuer that fails. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { JwtVerifier } from '../../lib/adapters/jwt/verifier.ts';

let issuer: Server;
let url: string;
let asked: string[];
let failing: (path: string) => string | number | null;
let now: number;
let verifier: JwtVerifier;
let token: (kid?: string) => Promise<string>;

beforeEach(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' }];
  asked = [];
  failing = () => null;
  now = 0;
  issuer = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(path);
    const failure = failing(path);
    if (typeof failure === 'number') response.statusCode = failure;
    response.setHeader('content-type', 'application/json');
    response.end(typeof failure === 'string' ? failure : JSON.stringify(path === '/jwks' ? { keys } : { jwks_uri: `${url}/jwks` }));
  }).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const address = issuer.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  url = `http://127.0.0.1:${address.port}`;
  verifier = new JwtVerifier({ issuer: url, audience: 'tidemark', algorithms: ['RS256'] }, { monotonic: () => now });
  token = (kid = 'k1') =>
    new SignJWT({ sub: 'ann' })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(url)
      .setAudience('tidemark')
      .setExpirationTime('1m')
      .sign(privateKey);
});
afterEach(() => {
  issuer.closeAllConnections();
  issuer.close();
});

it('asks nobody for what is no token of a pinned algorithm', async () => {
  const other = `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.e30.AAAA`;

  expect([await verifier.verify('a.b.c'), await verifier.verify(other)]).toEqual([null, null]);
  expect(asked).toEqual([]);
});

it('asks once for all who wait', async () => {
  const all = await Promise.all([token(), token(), token()].map(async (each) => verifier.verify(await each)));

  expect(all).toMatchObject([{ subject: 'ann' }, { subject: 'ann' }, { subject: 'ann' }]);
  expect(asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
});

it.each([
  ['its configuration is no JSON', (path: string) => (path === '/jwks' ? null : '<html>')],
  ['its configuration names no keys', (path: string) => (path === '/jwks' ? null : '{}')],
  ['its keys answer 500', (path: string) => (path === '/jwks' ? 500 : null)],
  ['its keys are no JSON', (path: string) => (path === '/jwks' ? '<html>' : null)],
  ['its keys are none', (path: string) => (path === '/jwks' ? '{"keys":"none"}' : null)],
])('is unavailable, and asks again after five seconds alone, where %s', async (_what, fails) => {
  failing = fails;
  const good = await token();

  await expect(verifier.verify(good)).rejects.toMatchObject({ code: 'UNAVAILABLE', fields: { issuer: url, retryAfterSec: 5 } });
  const first = asked.length;
  failing = () => null;
  now = 4_999;
  await expect(verifier.verify(good)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(asked).toHaveLength(first);
  now = 5_000;
  expect(await verifier.verify(good)).toMatchObject({ subject: 'ann' });
});

it('goes on believing keys that it knows while the issuer fails over one that nobody has', async () => {
  const [good, unknown] = [await token(), await token('k2')];
  await verifier.verify(good);
  failing = () => 500;
  // The cooldown of the library's own cache is by the clock of the process.
  const ahead = Date.now() + 60_000;
  const clock = Date.now;
  Date.now = () => ahead;
  try {
    await expect(verifier.verify(unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await verifier.verify(good)).toMatchObject({ subject: 'ann' });
    await expect(verifier.verify(unknown)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  } finally {
    Date.now = clock;
  }
});
