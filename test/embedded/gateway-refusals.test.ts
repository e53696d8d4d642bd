/** What a gateway refuses, by the field that is at fault, and keeps nothing of. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderRegions, GatewayUnderTest } from './gateway-support.ts';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.create(await folderRegions());
});
afterAll(() => gateway.dispose());

const hash = (algorithm: string): string => createHash(algorithm).update('hello').digest('base64');

describe('what no header carries', () => {
  it.each(['a\r\nX: y', 'a\n', '\0', '\x7f', 'é', ' text/plain', ' '])(
    'is no content type of an object in JSON, nor signed: %j',
    async (contentType) => {
      const stored = await gateway.call('POST', '/objects', { dataBase64: 'aGVsbG8=', key: 'posted', contentType });
      const signed = await gateway.call('POST', '/sign', { op: 'put', key: 'k', contentType });

      for (const { status, body } of [stored, signed]) {
        expect(status).toBe(400);
        expect(body).toMatchObject({ errors: [{ field: 'contentType', fix: 'Give a media type, as text/plain.' }] });
      }
      expect((await gateway.get('posted')).status).toBe(404);
    },
  );

  it('keeps no object from being read where it came to be stored all the same', async () => {
    const like = { etag: '', size: 2, lastModified: 0, headers: { contentType: 'a\r\nX: y' }, metadata: {} };
    await gateway.regions.stores.primary.write('odd', Buffer.from('ab'), { size: 2, like });

    const read = await gateway.get('odd');

    expect([read.status, read.headers.get('content-type'), await read.text()]).toEqual([200, 'a  X: y', 'ab']);
  });
});

describe('an address is not signed for what could never be sent', () => {
  it.each([
    ['contentMd5', { contentMd5: 'zz' }],
    ['contentMd5', { contentMd5: hash('sha256') }],
    ['checksum', { checksum: { algorithm: 'SHA256', value: 'zz' } }],
    ['checksum', { checksum: { algorithm: 'CRC32', value: hash('sha256') } }],
    ['metadata', { metadata: JSON.parse('{"__proto__":"x"}') as unknown }],
  ])('%s in %j', async (field, wanted) => {
    const { status, body } = await gateway.call('POST', '/sign', { op: 'put', key: 'k', ...wanted });

    expect([status, body]).toMatchObject([400, { errors: [{ field }] }]);
  });

  it('for a folder that is not active: the gateway would write and read at the other', async () => {
    for (const op of ['get', 'put']) {
      const other = await gateway.call('POST', '/sign', { op, key: 'k', region: 'secondary' });
      const active = await gateway.call('POST', '/sign', { op, key: 'k', region: 'primary' });

      expect([other.status, other.body]).toMatchObject([400, { errors: [{ field: 'region', fix: expect.stringContaining('active') }] }]);
      expect([active.status, active.body]).toMatchObject([200, { region: 'primary' }]);
    }
  });

  it.each(['.', '..'])('for the key %s, which no address can name', async (key) => {
    const { status, body } = await gateway.call('POST', '/sign', { op: 'put', key });

    expect([status, body]).toMatchObject([400, { errors: [{ field: 'key' }] }]);
  });

  it.each(['a/../x', '../x/..//y?', './.', 'x/..', 'a/...b'])('but for the key %s, by an address that fetch leaves as it is', async (key) => {
    const put = await gateway.call('POST', '/sign', { op: 'put', key });
    const get = await gateway.call('POST', '/sign', { op: 'get', key });

    expect((await fetch(String(put.body.url), { method: 'PUT', body: key })).status).toBe(201);
    expect(await (await fetch(String(get.body.url))).text()).toBe(key);
  });

  it('but for what can be', async () => {
    const checksum = { algorithm: 'SHA256', value: hash('sha256') };
    const { status } = await gateway.call('POST', '/sign', { op: 'put', key: 'k', contentMd5: hash('md5'), checksum, metadata: { a: 'b' } });

    expect(status).toBe(200);
  });
});

/** With headers that fetch does not let a caller set. */
async function send(method: string, key: string, headers: Record<string, string>): Promise<readonly [number | undefined, unknown]> {
  const sent = request(gateway.urlOf(key), { method, headers });
  sent.end(method === 'PUT' ? 'hello' : undefined);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  if (!answer) throw new Error('there was no answer');
  return [answer.statusCode, await json(answer).catch(() => null)];
}

describe('a header that would be without effect', () => {
  it.each([
    ['content-range', 'bytes 5-9/100'],
    ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['x-amz-copy-source', '/bucket/key'],
    ['x-amz-trailer', 'x-amz-checksum-crc32'],
    ['digest', 'sha-256=zz'],
    ['content-digest', 'sha-256=:zz:'],
    ['x-amz-checksum-md5', hash('md5')],
    ['x-amz-checksum-sha512', hash('sha512')],
    ['x-amz-content-sha256', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'],
    ['x-amz-content-sha256', '0'.repeat(64)],
    ['x-amz-server-side-encryption-customer-key', 'zz'],
    ['x-amz-tagging', 'a=b'],
    ['x-amz-object-lock-mode', 'COMPLIANCE'],
    ['x-amz-meta-__proto__', 'x'],
    ['transfer-encoding', 'gzip, chunked'],
    ['content-encoding', 'gzip,aws-chunked'],
  ])('of a PUT is refused, and nothing is stored: %s: %s', async (field, value) => {
    expect(await send('PUT', 'refused', { [field]: value })).toMatchObject([400, { errors: [{ field, fix: expect.any(String) }] }]);
    expect((await gateway.get('refused')).status).toBe(404);
  });

  it.each([
    ['if-none-match', '*'],
    ['if-unmodified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ])('of a DELETE is refused, and nothing is removed: %s', async (field, value) => {
    await gateway.put('stays', 'x');

    expect(await send('DELETE', 'stays', { [field]: value })).toMatchObject([400, { errors: [{ field }] }]);
    expect((await gateway.get('stays')).status).toBe(200);
  });

  it.each([
    ['transfer-encoding', 'Chunked'],
    ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
    ['x-amz-content-sha256', createHash('sha256').update('hello').digest('hex')],
    ['x-amz-sdk-checksum-algorithm', 'CRC32'],
    ['x-amz-checksum-sha256', hash('sha256')],
    ['if-modified-since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ])('is none of these: %s: %s', async (field, value) => {
    expect(await send('PUT', 'taken', { [field]: value })).toMatchObject([201, { size: 5 }]);
  });
});

it.each(['/objects/%ff', '/objects/a%zz', '/objects/100%', '/replication/%C3', '/events/%ff'])(
  'a path that cannot be decoded is named, whatever is asked of it: %s',
  async (path) => {
    const { status, body } = await gateway.call('GET', path);

    expect([status, body]).toMatchObject([400, { errors: [{ fix: expect.stringContaining('%25') }] }]);
  },
);
