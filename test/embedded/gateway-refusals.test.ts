/** What a gateway refuses, by the field that is at fault, and keeps nothing of. */
import { createHash } from 'node:crypto';
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

  it('but for what can be', async () => {
    const checksum = { algorithm: 'SHA256', value: hash('sha256') };
    const { status } = await gateway.call('POST', '/sign', { op: 'put', key: 'k', contentMd5: hash('md5'), checksum, metadata: { a: 'b' } });

    expect(status).toBe(200);
  });
});
