/** What every gateway does, whatever its regions are: B1 to B8. */
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { type GatewayUnderTest, PATIENCE, type RegionName } from './gateway-support.ts';

const KEYS = ['with spaces /in names.txt', '100%/50%25.txt', 'en%2Fcoded.txt', 'a+b&c=d#e?f.txt', 'ünï/漢字/😀.txt', "it's-(quoted)!*.txt"];

export function gatewaySuite(name: string, make: () => Promise<GatewayUnderTest>): void {
  describe(`gateway: ${name}`, () => {
    let gateway: GatewayUnderTest;
    const begin = async (): Promise<void> => {
      gateway = await make();
    };
    afterEach(() => gateway.dispose());

    it('writes, reads, and removes, and the other region follows', async () => {
      await begin();
      const headers = { 'content-type': 'text/markdown', 'cache-control': 'max-age=60', 'x-amz-meta-author': 'me' };

      const written = await gateway.put('docs/readme.md', '# hello\n', headers);
      const read = await gateway.get('docs/readme.md');
      const head = await fetch(gateway.urlOf('docs/readme.md'), { method: 'HEAD' });

      expect(written.status).toBe(201);
      expect(await written.json()).toMatchObject({ key: 'docs/readme.md', size: 8, region: 'primary', epoch: 1 });
      expect([read.status, await read.text()]).toEqual([200, '# hello\n']);
      expect(Object.fromEntries(read.headers)).toMatchObject({
        ...headers,
        'content-length': '8',
        'x-tidemark-region': 'primary',
        'x-tidemark-served-by': 'active',
      });
      expect([head.status, await head.text()]).toEqual([200, '']);
      for (const same of ['etag', 'last-modified', 'content-type', 'content-length', 'x-amz-meta-author', 'cache-control', 'accept-ranges'])
        expect(head.headers.get(same), same).toBe(read.headers.get(same));
      await gateway.holds('secondary', 'docs/readme.md', '# hello\n');

      const removed = await fetch(gateway.urlOf('docs/readme.md'), { method: 'DELETE' });

      expect(removed.status).toBe(204);
      expect((await gateway.get('docs/readme.md')).status).toBe(404);
      expect((await fetch(gateway.urlOf('docs/readme.md'), { method: 'DELETE' })).status).toBe(204);
      await gateway.holds('secondary', 'docs/readme.md', null);
    });

    it('honours ranges and conditions', async () => {
      await begin();
      await gateway.put('k', '0123456789');
      const etag = (await gateway.get('k')).headers.get('etag') ?? '';
      const status = async (headers: Record<string, string>) => (await gateway.get('k', headers)).status;

      const part = await gateway.get('k', { range: 'bytes=2-4' });
      const beyond = await gateway.get('k', { range: 'bytes=20-' });

      expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
      expect(await (await gateway.get('k', { range: 'bytes=-3' })).text()).toBe('789');
      expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
      expect(await status({ 'if-none-match': etag })).toBe(304);
      expect(await status({ 'if-none-match': '"other"' })).toBe(200);
      expect(await status({ 'if-match': '"other"' })).toBe(412);
      expect(await status({ 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() })).toBe(304);
      expect((await gateway.put('k', 'new', { 'if-none-match': '*' })).status).toBe(412);
      expect((await gateway.put('k', 'new', { 'if-match': '"other"' })).status).toBe(412);
      expect((await gateway.put('k', 'new', { 'if-match': etag })).status).toBe(201);
      expect((await gateway.put('new', 'new', { 'if-none-match': '*' })).status).toBe(201);
    });

    it('stores nothing that is not what its sender announced', async () => {
      await begin();
      const md5 = (text: string): string => createHash('md5').update(text).digest('base64');
      const sha256 = createHash('sha256').update('right').digest('base64');

      const wrong = await gateway.put('k', 'wrong', { 'content-md5': md5('right') });
      const altered = await gateway.put('k', 'wrong', { 'x-amz-checksum-sha256': sha256 });

      expect([wrong.status, altered.status]).toEqual([400, 400]);
      expect(await wrong.json()).toMatchObject({ errors: [{ field: 'content-md5', message: expect.stringMatching(/^the bytes/) }] });
      expect(await altered.json()).toMatchObject({ errors: [{ field: 'x-amz-checksum-sha256' }] });
      expect((await gateway.get('k')).status).toBe(404);
      expect((await gateway.put('k', 'right', { 'content-md5': md5('right') })).status).toBe(201);
      expect((await gateway.put('k', 'right', { 'x-amz-checksum-sha256': sha256 })).status).toBe(201);
    });

    it('keeps metadata in any script, whichever way it was sent', async () => {
      await begin();
      const word = `=?UTF-8?B?${Buffer.from('café 漢字').toString('base64')}?=`;
      const raw = Buffer.from('café 漢字').toString('latin1');
      const disposition = "attachment; filename*=UTF-8''%C3%BC.txt";

      const written = await gateway.put('k', 'x', { 'x-amz-meta-word': word, 'x-amz-meta-raw': raw, 'content-disposition': disposition });
      const refused = await gateway.put('k', 'y', { 'content-disposition': Buffer.from('attachment; filename="ü.txt"').toString('latin1') });
      const { status, headers } = await gateway.get('k');

      expect([written.status, refused.status, (await refused.json()) as unknown]).toMatchObject([
        201,
        400,
        { errors: [{ field: 'content-disposition' }] },
      ]);
      expect([status, headers.get('x-amz-meta-word'), headers.get('x-amz-meta-raw'), headers.get('content-disposition')]).toEqual([
        200,
        word,
        word,
        disposition,
      ]);
    });

    it('takes keys as they are, decoded once', async () => {
      await begin();
      for (const key of KEYS) expect((await gateway.put(key, key)).status, key).toBe(201);

      for (const key of KEYS) {
        expect(await (await gateway.get(key)).text()).toBe(key);
        await gateway.holds('secondary', key, key);
      }
      // A copy is there a moment before its record says so.
      const listed = async () => ((await gateway.call('GET', '/objects?limit=1000')).body.objects as { key: string }[]).map(({ key }) => key).sort();
      await expect.poll(listed, PATIENCE).toEqual([...KEYS].sort());
      expect((await fetch(`${gateway.url}/objects/%ff`)).status).toBe(400);
      expect((await fetch(`${gateway.url}/objects/${'k'.repeat(1025)}`)).status).toBe(400);
    });

    it('streams what does not say its size, and keeps nothing of what breaks off', async () => {
      await begin();
      const piece = Buffer.alloc(1024 * 1024, 'x');
      const pieces = (count: number, fails = false): ReadableStream =>
        new ReadableStream({
          pull(controller) {
            if (count-- > 0) return controller.enqueue(piece);
            return fails ? controller.error(new Error('gone')) : controller.close();
          },
        });
      const send = (key: string, body: ReadableStream) => fetch(gateway.urlOf(key), { method: 'PUT', body, duplex: 'half' } as RequestInit);

      expect((await send('large', pieces(20))).status).toBe(201);
      await expect(send('broken', pieces(9, true))).rejects.toThrow();

      const read = await gateway.get('large');
      expect(
        createHash('sha256')
          .update(Buffer.from(await read.arrayBuffer()))
          .digest('hex'),
      ).toBe(
        createHash('sha256')
          .update(Buffer.alloc(20 * 1024 * 1024, 'x'))
          .digest('hex'),
      );
      await expect.poll(async () => (await gateway.get('broken')).status, PATIENCE).toBe(404);
    });

    it('takes an object in JSON, and gives one without a key its own', async () => {
      await begin();
      const dataBase64 = Buffer.from('hello').toString('base64');

      const named = await gateway.call('POST', '/objects', { dataBase64, key: 'a/b.txt', contentType: 'text/plain' });
      const unnamed = await gateway.call('POST', '/objects', { dataBase64 });

      expect(named).toMatchObject({ status: 201, body: { key: 'a/b.txt', size: 5 } });
      expect(await (await gateway.get('a/b.txt')).text()).toBe('hello');
      expect(await (await gateway.get(String(unnamed.body.key))).text()).toBe('hello');
      expect((await gateway.call('POST', '/objects', { dataBase64: '!' })).body).toMatchObject({ errors: [{ field: 'dataBase64' }] });
    });

    it('tells what each region holds of a key', async () => {
      await begin();
      await gateway.put('k', 'text', { 'content-type': 'text/plain' });
      await gateway.holds('secondary', 'k', 'text');

      await expect
        .poll(async () => (await gateway.call('GET', '/replication/k')).body, PATIENCE)
        .toMatchObject({
          key: 'k',
          active: 'primary',
          state: 'equal',
          regions: { primary: { present: true, size: 4, contentType: 'text/plain' }, secondary: { present: true, size: 4 } },
          lagMs: 0,
          lastError: null,
        });
      expect((await gateway.call('GET', '/replication/none')).body).toMatchObject({ state: 'absent' });
      // A folder keeps no checksum of what its name says all about.
      await gateway.put('readme.md', '# hello', { 'content-type': 'text/markdown' });
      await expect.poll(async () => (await gateway.call('GET', '/replication/readme.md')).body, PATIENCE).toMatchObject({ state: 'equal' });
      await gateway.regions.lose('secondary');
      const { body } = await gateway.call('GET', '/replication/k');
      await gateway.regions.back('secondary');
      expect(body).toMatchObject({ state: 'unknown', regions: { primary: { present: true }, secondary: { error: { fix: expect.any(String) } } } });
    });

    it('signs addresses that read and write one object, and nothing else', async () => {
      await begin();
      await gateway.put('dir/k', 'text');
      const sign = async (body: object) =>
        (await gateway.call('POST', '/sign', body)).body as { url: string; method: string; headers: Record<string, string> };

      const get = await sign({ op: 'get', key: 'dir/k' });
      const put = await sign({ op: 'put', key: 'dir/new', contentType: 'text/plain', expiresSec: 60 });
      const altered = get.url.replace('dir/k', 'dir/other');

      expect(await (await fetch(get.url)).text()).toBe('text');
      expect((await fetch(altered)).status).toBe(403);
      expect((await fetch(put.url, { method: 'PUT', headers: { 'content-type': 'text/html' }, body: 'x' })).status).toBe(403);
      expect((await fetch(put.url, { method: put.method, headers: put.headers, body: 'sent' })).ok).toBe(true);
      expect(await (await gateway.get('dir/new')).text()).toBe('sent');
      expect((await gateway.call('POST', '/sign', { op: 'get', key: 'k', expiresSec: 3601 })).body).toMatchObject({
        errors: [{ field: 'expiresSec' }],
      });
    });

    it('reads from the other region while the active one fails, and says so', async () => {
      await begin();
      await gateway.put('k', 'text');
      await gateway.holds('secondary', 'k', 'text');
      await gateway.regions.lose('primary');

      const read = await gateway.get('k');
      const repaired = await fetch(`${gateway.urlOf('k')}?repair=1`);
      const none = await gateway.get('none');
      const write = await gateway.put('k', 'new');

      expect([read.status, await read.text()]).toEqual([200, 'text']);
      expect(Object.fromEntries(read.headers)).toMatchObject({ 'x-tidemark-region': 'secondary', 'x-tidemark-served-by': 'replica' });
      expect(Number(read.headers.get('x-tidemark-behind-seconds'))).toBeGreaterThanOrEqual(0);
      expect(repaired.headers.get('x-tidemark-repair')).toBe('queued');
      // Only the active region knows that there is nothing.
      expect(none.status).toBe(503);
      expect(none.headers.get('retry-after')).not.toBeNull();
      expect(write.status).toBe(503);
      await gateway.regions.back('primary');
      expect(await gateway.written('k', 'new')).toBe('primary');
    });

    it('switches when it is told to, loses nothing of either side, and goes back', async () => {
      await begin();
      await gateway.put('before', 'primary');
      await gateway.holds('secondary', 'before', 'primary');

      const promoted = await gateway.call('POST', '/admin/failover/promote');
      const refused = await gateway.put('between', 'x');

      expect(promoted).toMatchObject({
        status: 200,
        body: { changed: true, epoch: 2, from: 'primary', active: 'secondary', crossing: { failedSince: null } },
      });
      expect(Number(promoted.body.writesInMs)).toBeGreaterThan(0);
      expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
      expect((await gateway.get('before')).headers.get('x-tidemark-region')).toBe('secondary');
      expect(await gateway.written('after', 'secondary')).toBe('secondary');
      expect((await gateway.call('POST', '/sign', { op: 'put', key: 'signed' })).body).toMatchObject({ region: 'secondary' });
      await gateway.holds('primary', 'after', 'secondary');

      await expect.poll(async () => (await gateway.call('POST', '/admin/failover/failback')).status, PATIENCE).toBe(200);
      expect(await gateway.written('again', 'primary')).toBe('primary');
      expect(await (await gateway.get('after')).text()).toBe('secondary');
      expect((await gateway.call('GET', '/admin/state')).body).toMatchObject({
        epoch: 3,
        active: 'primary',
        switches: [{ kind: 'failback' }, { kind: 'promote' }, { kind: 'begin' }],
      });
    });

    it('promotes no region that does not answer, unless it is named and forced', async () => {
      await begin();
      await gateway.regions.lose('secondary');

      const refused = await gateway.call('POST', '/admin/failover/promote', { region: 'secondary' });
      const forced = await gateway.call('POST', '/admin/failover/promote', { region: 'secondary', force: true });
      await gateway.regions.back('secondary');

      expect(refused.status).toBe(409);
      expect(refused.body.detail).toContain('not fit to take the writes');
      expect(forced).toMatchObject({ status: 200, body: { active: 'secondary' } });
      expect((await gateway.call('POST', '/admin/failover/promote', { region: 'mars' })).status).toBe(400);
    });

    it('lists what both regions hold, and a listing of them makes the same index anew', async () => {
      await begin();
      for (const [index, key] of ['a/1', 'a/2', 'b'].entries()) await gateway.put(key, 'x'.repeat(index), { 'content-type': 'text/plain' });
      await gateway.put('gone', 'x');
      await fetch(gateway.urlOf('gone'), { method: 'DELETE' });
      const index = async (query = '') => (await gateway.call('GET', `/objects${query}`)).body;
      await expect.poll(async () => ((await index()).objects as unknown[]).length, PATIENCE).toBe(3);
      await gateway.holds('secondary', 'gone', null);
      await expect.poll(async () => JSON.stringify(await index()), PATIENCE).not.toContain('gone');

      const first = await index();
      const page = await index('?limit=1&prefix=a/');
      await gateway.stop();
      await gateway.start(join(gateway.folder, 'another.db'));
      await gateway.call('POST', '/backfill', { srcRegion: 'primary', dstRegion: 'secondary', mode: 'all' });

      expect(first.objects).toMatchObject([
        { key: 'a/1', size: 0, contentType: 'text/plain', lastRegion: 'primary' satisfies RegionName },
        { key: 'a/2', size: 1 },
        { key: 'b', size: 2 },
      ]);
      expect(page).toMatchObject({ objects: [{ key: 'a/1' }], cursor: 'a/1' });
      await expect.poll(() => index(), PATIENCE).toEqual(first);
    });

    it('does one after the other what one connection sends at once', async () => {
      await begin();
      const { hostname, port } = new URL(gateway.url);
      const socket = connect(Number(port), hostname);
      const put = (key: string, body: string): string =>
        `PUT /objects/${key} HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
      const others = 'host: localhost\r\n';
      const last = `GET /objects/b HTTP/1.1\r\n${others}connection: close\r\n\r\n`;

      socket.write([put('a', 'x'), `DELETE /objects/a HTTP/1.1\r\n${others}\r\n`, put('b', 'x'.repeat(300_000)), put('b', 'last'), last].join(''));
      const answers = await text(socket);

      expect(answers.match(/HTTP\/1.1 \d+/g)).toEqual([201, 204, 201, 201, 200].map((status) => `HTTP/1.1 ${status}`));
      expect(answers.endsWith('\r\n\r\nlast')).toBe(true);
      expect((await gateway.get('a')).status).toBe(404);
    });

    it('ends a request that is cut without harm to the next', async () => {
      await begin();
      await new Promise<void>((resolve) => {
        const cut = request(gateway.urlOf('cut'), { method: 'PUT', headers: { 'content-length': '1000' } });
        cut.on('error', () => resolve());
        cut.write('x'.repeat(10), () => cut.destroy(new Error('cut')));
      });

      expect((await gateway.put('next', 'whole')).status).toBe(201);
      expect((await gateway.get('cut')).status).toBe(404);
    });
  });
}
