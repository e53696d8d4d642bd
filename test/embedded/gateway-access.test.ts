/** Who may read and write objects, and who may switch. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderRegions, GatewayUnderTest } from './gateway-support.ts';

let gateway: GatewayUnderTest;
afterEach(() => gateway.dispose());

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function statuses(token: string): Promise<readonly number[]> {
  const read = await gateway.get('k', bearer(token));
  const write = await gateway.put('k', 'text', bearer(token));
  const state = await fetch(`${gateway.url}/admin/state`, { headers: bearer(token) });
  const promote = await fetch(`${gateway.url}/admin/failover/promote`, { method: 'POST', headers: bearer(token), body: '{"region":"primary"}' });
  return [read.status, write.status, state.status, promote.status];
}

describe('tokens', () => {
  beforeEach(async () => {
    gateway = await GatewayUnderTest.create(await folderRegions(), {}, { apiToken: 'all-of-it', objectsToken: 'objects-alone' });
  });

  it('open objects alone, or everything, or nothing', async () => {
    expect(await statuses('all-of-it')).toEqual([404, 201, 200, 200]);
    expect(await statuses('objects-alone')).toEqual([200, 201, 401, 401]);
    expect(await statuses('another')).toEqual([401, 401, 401, 401]);
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  });

  it('are not needed by a signed address, which opens nothing else', async () => {
    await gateway.put('k', 'text', bearer('all-of-it'));
    const answer = await fetch(`${gateway.url}/sign`, { method: 'POST', headers: bearer('objects-alone'), body: '{"op":"get","key":"k"}' });
    const { url }: { url: string } = JSON.parse(await answer.text());

    const opened = await fetch(url);
    expect([await opened.text(), opened.headers.get('cross-origin-resource-policy')]).toEqual(['text', 'cross-origin']);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(url.replace('/objects/k', '/admin/state'))).status).toBe(401);
    expect((await fetch(url.replace('/objects/k', '/replication/k'))).status).toBe(401);
    for (const further of ['repair=1', 'prefer=replica']) expect((await fetch(`${url}&${further}`)).status, further).toBe(403);
    expect((await fetch(url.replace(/Expires=\d+/, 'Expires=9999999999999'))).status).toBe(403);
  });
});

describe('a token for objects alone', () => {
  it('leaves no switch open to whoever has none', async () => {
    gateway = await GatewayUnderTest.create(await folderRegions(), {}, { objectsToken: 'objects-alone' });

    expect(await statuses('objects-alone')).toEqual([404, 201, 401, 401]);
    expect(await statuses('another')).toEqual([401, 401, 401, 401]);
  });
});

describe('on loopback without tokens', () => {
  it('nothing is asked, but of pages of another origin', async () => {
    gateway = await GatewayUnderTest.create(await folderRegions());

    expect((await gateway.put('k', '<script>')).status).toBe(201);
    expect((await gateway.get('k', { origin: 'https://evil.example' })).status).toBe(403);
    // A stored page must not speak for this address: it is of no origin.
    expect((await gateway.get('k')).headers.get('content-security-policy')).toContain('sandbox');
    // Nor may a page of another origin load it as a script, whatever its browser tells of it.
    expect((await gateway.get('k')).headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect((await gateway.put('k', 'x', { origin: 'null' })).status).toBe(403);
  });
});

describe('JSON web tokens', () => {
  let issuer: Server;
  let issuerUrl: string;
  let sign: (
    claims: Record<string, unknown>,
    changes?: { key?: PrivateKey; alg?: string; audience?: string; issuer?: string; expires?: string },
  ) => Promise<string>;
  let other: PrivateKey;

  beforeEach(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    other = (await generateKeyPair('RS256')).privateKey;
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
    issuer = createServer((request, response) => {
      const body = request.url === '/jwks' ? { keys: [jwk] } : { jwks_uri: `${issuerUrl}/jwks` };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(issuer, 'listening');
    const address = issuer.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    issuerUrl = `http://127.0.0.1:${address.port}`;
    sign = (claims, { key = privateKey, alg = 'RS256', audience = 'tidemark', issuer: by = issuerUrl, expires = '1m' } = {}) =>
      new SignJWT({ sub: 'ann', ...claims })
        .setProtectedHeader({ alg, kid: 'k1' })
        .setIssuer(by)
        .setAudience(audience)
        .setExpirationTime(expires)
        .sign(key);
    gateway = await GatewayUnderTest.create(await folderRegions(), { jwt: { issuer: issuerUrl, audience: 'tidemark' } });
  });
  afterEach(() => {
    issuer.closeAllConnections();
    issuer.close();
  });

  it('open what their scopes say, and the audit trail names their subject', async () => {
    expect(await statuses(await sign({ scope: 'openid tidemark/objects' }))).toEqual([404, 201, 403, 403]);
    expect(await statuses(await sign({ scp: ['tidemark/admin'] }))).toEqual([200, 201, 200, 200]);
    expect(await statuses(await sign({ scope: 'openid' }))).toEqual([403, 403, 403, 403]);
    const promoted = await fetch(`${gateway.url}/admin/failover/promote`, {
      method: 'POST',
      headers: bearer(await sign({ scope: 'tidemark/admin' })),
    });
    const trail = await fetch(`${gateway.url}/audit?limit=100`, { headers: bearer(await sign({ scope: 'tidemark/admin' })) });
    const { entries }: { entries: { entry: { action: string; actor: string } }[] } = JSON.parse(await trail.text());

    expect(promoted.status).toBe(200);
    expect(entries.map(({ entry }) => `${entry.action} ${entry.actor}`)).toContain('failover.promote jwt:ann');
  });

  it('are not believed of another key, issuer, audience or algorithm, nor late', async () => {
    const scope = { scope: 'tidemark/admin' };
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ sub: 'a', iss: issuerUrl, aud: 'tidemark', exp: 9e9, ...scope })).toString('base64url')}.`;
    const tokens = [
      await sign(scope, { key: other }),
      await sign(scope, { issuer: 'https://evil.example' }),
      await sign(scope, { audience: 'another' }),
      await sign(scope, { expires: '-1m' }),
      await sign(scope, { alg: 'PS256', key: (await generateKeyPair('PS256')).privateKey }),
      unsigned,
      'not.a.token',
      '',
    ];

    for (const token of tokens) expect(await statuses(token), token).toEqual([401, 401, 401, 401]);
  });

  it('are answered 503 while the keys of their issuer cannot be had, and nothing is stored', async () => {
    issuer.closeAllConnections();
    issuer.close();
    const token = await sign({ scope: 'tidemark/admin' });

    const answer = await gateway.put('k', 'x'.repeat(100_000), bearer(token));

    expect([answer.status, answer.headers.get('retry-after'), (await answer.json()) as unknown]).toMatchObject([
      503,
      '5',
      { type: 'urn:tidemark:problem:unavailable', detail: expect.stringContaining(`the keys of ${issuerUrl} cannot be had`) },
    ]);
    expect(await statuses(token)).toEqual([503, 503, 503, 503]);
    expect(await statuses('not.a.token')).toEqual([401, 401, 401, 401]);
  });
});
