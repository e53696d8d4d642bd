/** Objects through a gateway that leads elsewhere, against servers that answer as the API's schemas and S3 do. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../../../lib/cli/client.ts';
import { checkOf } from '../../../lib/cli/objects/check.ts';
import { nameOf } from '../../../lib/cli/objects/destination.ts';
import { type Gateway, pathOf } from '../../../lib/cli/objects/gateway.ts';
import { type Got, getObject } from '../../../lib/cli/objects/get.ts';
import { type PutWish, putObject } from '../../../lib/cli/objects/put.ts';
import { hostTransport } from '../../../lib/cli/transport/host.ts';

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Answers each request as told, and keeps it. */
class Scripted {
  readonly asked: Asked[] = [];
  readonly #server: Server;
  url = '';
  #answers: ((response: ServerResponse) => void)[] = [];

  constructor() {
    this.#server = createServer(async (request, response) => {
      this.asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: await buffer(request) });
      const answer = this.#answers.shift();
      if (answer) answer(response);
      else response.writeHead(500).end();
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    this.url = `http://127.0.0.1:${address.port}`;
  }

  will(status: number, headers: Record<string, string> = {}, body: string | object = ''): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    this.#answers.push((response) => response.writeHead(status, { 'content-length': String(Buffer.byteLength(text)), ...headers }).end(text));
  }

  breakOff(headers: Record<string, string>, body: string): void {
    this.#answers.push((response) => response.writeHead(200, headers).write(body, () => response.destroy()));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

const BYTES = Buffer.from('the bytes of an object');
const SHA256 = createHash('sha256').update(BYTES).digest('base64');
const CRC32 = Buffer.alloc(4);
CRC32.writeUInt32BE(crc32(BYTES));
const source = { size: BYTES.length, sha256: SHA256, open: () => Readable.from([BYTES]), [Symbol.asyncDispose]: async () => undefined };
const WISH: PutWish = { key: 'a b/c', source, contentType: 'text/plain', metadata: { for: 'me' } };
const TELLING = { signal: new AbortController().signal, told: () => () => undefined, quiet: true };
const STORED = { key: 'a b/c', etag: 'e1', size: BYTES.length, region: 'primary', epoch: 1 };

let gate: Scripted;
let store: Scripted;
let gateway: Gateway;
const settings = (wholeBytes?: number): Gateway => {
  const transport = { ...hostTransport(gate.url, { API_TOKEN: 'geheim' }), ...(wholeBytes === undefined ? {} : { wholeBytes }) };
  return { transport, api: new ApiClient(transport) };
};
beforeEach(async () => {
  [gate, store] = [new Scripted(), new Scripted()];
  await Promise.all([gate.listen(), store.listen()]);
  gateway = settings();
});
afterEach(() => {
  gate.close();
  store.close();
});

const sign = (): void => {
  const headers = { 'content-type': 'text/plain', 'x-amz-checksum-sha256': SHA256, 'x-amz-meta-for': 'me' };
  gate.will(200, {}, { url: `${store.url}/bucket/c?X-Amz-Signature=1`, method: 'PUT', headers, region: 'primary', expiresAt: 1 });
};

describe('what is put', () => {
  it('goes through the gateway with what it hashes to', async () => {
    gate.will(201, {}, STORED);

    expect(await putObject(gateway, WISH, TELLING)).toEqual({ key: 'a b/c', size: 22, region: 'primary', etag: 'e1', sha256: SHA256, signed: false });
    expect(gate.asked).toMatchObject([
      {
        line: 'PUT /objects/a%20b/c',
        headers: { authorization: 'Bearer geheim', 'content-type': 'text/plain', 'x-amz-checksum-sha256': SHA256, 'x-amz-meta-for': 'me' },
        body: BYTES,
      },
    ]);
  });

  it('goes by a signed address where the gateway takes no such size, and takes its token nowhere else', async () => {
    gate.will(413, {}, { status: 413 });
    sign();
    store.will(200, { etag: '"e2"' });

    expect(await putObject(gateway, { ...WISH, ifNoneMatch: '*' }, TELLING)).toMatchObject({ etag: 'e2', region: 'primary', signed: true });
    expect(gate.asked.map(({ line }) => line)).toEqual(['PUT /objects/a%20b/c', 'POST /sign']);
    expect(JSON.parse(gate.asked[1]?.body.toString() ?? '')).toEqual({
      op: 'put',
      key: 'a b/c',
      contentType: 'text/plain',
      checksum: { algorithm: 'SHA256', value: SHA256 },
      metadata: { for: 'me' },
    });
    expect(store.asked).toMatchObject([
      {
        line: 'PUT /bucket/c?X-Amz-Signature=1',
        headers: {
          'content-type': 'text/plain',
          'x-amz-checksum-sha256': SHA256,
          'x-amz-meta-for': 'me',
          'if-none-match': '*',
          'content-length': '22',
        },
        body: BYTES,
      },
    ]);
    expect(store.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('is not even sent to a gateway that takes less, and whole to one that takes it', async () => {
    sign();
    store.will(200);
    gate.will(201, {}, STORED);

    expect(await putObject(settings(21), WISH, TELLING)).toMatchObject({ signed: true });
    expect(await putObject(settings(22), WISH, TELLING)).toMatchObject({ signed: false });
    expect(gate.asked.map(({ line }) => line)).toEqual(['POST /sign', 'PUT /objects/a%20b/c']);
  });

  it('is sent again while nobody takes writes, signed anew each time', async () => {
    const rests = (): void => gate.will(503, { 'retry-after': '0' }, { status: 503, detail: 'Nobody writes.' });
    rests();
    gate.will(413);
    rests();
    sign();
    store.will(503, {}, '<Error><Code>SlowDown</Code></Error>');
    sign();
    store.will(200);

    expect(await putObject(gateway, WISH, TELLING)).toMatchObject({ signed: true });
    expect(gate.asked.map(({ line }) => line.split(' ')[0])).toEqual(['PUT', 'PUT', 'POST', 'POST', 'POST']);
    expect(store.asked.map(({ body }) => body.equals(BYTES))).toEqual([true, true]);
  });

  it('is refused in the words of who refuses it', async () => {
    gate.will(413);
    sign();
    store.will(403, {}, '<Error><Code>SignatureDoesNotMatch</Code><Message>Not\x1b[2J so.</Message></Error>');
    await expect(putObject(gateway, WISH, TELLING)).rejects.toThrow(/refused the signed request \(403 SignatureDoesNotMatch Not\\e\[2J so\.\)/);

    gate.will(503, { 'retry-after': '0' });
    gate.will(412, {}, { status: 412, detail: 'it is there: nothing was written' });
    await expect(putObject(gateway, WISH, TELLING)).rejects.toThrow(/An earlier try may have written it/);

    const large = { ...source, size: 5 * 1024 ** 3 + 1 };
    await expect(putObject(settings(22), { ...WISH, source: large }, TELLING)).rejects.toThrow(/5\.0 GiB at most\. Put it in parts/);

    const gone = { ...source, open: () => createReadStream('/nowhere/at/all') };
    await expect(putObject(gateway, { ...WISH, source: gone }, TELLING)).rejects.toThrow(/what is to be sent cannot be read: ENOENT/);

    gate.close();
    await expect(putObject(gateway, WISH, TELLING)).rejects.toThrow(/nothing answers at .*ECONNREFUSED/);
  });
});

describe('what is got', () => {
  const got = async (): Promise<{ readonly text: string; readonly got: Got }> => {
    const chunks: Buffer[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    });
    const told = await getObject(gateway, 'c', sink, TELLING);
    return { text: Buffer.concat(chunks).toString(), got: told };
  };
  const lead = (): void => gate.will(307, { location: `${store.url}/bucket/c?X-Amz-Signature=1`, 'x-tidemark-region': 'primary' });

  it('is read where the gateway leads, without its token, and held against its checksum', async () => {
    lead();
    store.will(200, { 'x-amz-checksum-crc32': CRC32.toString('base64') }, BYTES.toString());

    expect(await got()).toMatchObject({ text: BYTES.toString(), got: { region: 'primary', fromActive: true, checked: 'CRC32', size: 22 } });
    expect(store.asked.map(({ line }) => line)).toEqual(['GET /bucket/c?X-Amz-Signature=1']);
    expect(store.asked[0]?.headers.authorization).toBeUndefined();
  });

  it('is refused where the bytes are others, fewer, or break off', async () => {
    lead();
    store.will(200, { 'x-amz-checksum-crc32': CRC32.toString('base64') }, 'the bytes of an objecT');
    await expect(got()).rejects.toThrow(/are not those of the object: their CRC32 is another/);

    lead();
    store.will(200, { etag: `"${createHash('md5').update(BYTES).digest('hex')}"` }, 'others');
    await expect(got()).rejects.toThrow(/their MD5 is another/);

    gate.breakOff({ 'content-length': '22' }, 'the bytes');
    await expect(got()).rejects.toThrow(/broke off before the object was whole/);
  });

  it('is asked for again while no region answers, and never at an address that is none', async () => {
    gate.will(503, { 'retry-after': '0' });
    gate.will(200, {}, 'here');
    expect(await got()).toMatchObject({ text: 'here', got: { checked: null } });

    gate.will(307, { location: 'file:///etc/passwd' });
    await expect(got()).rejects.toThrow(/which is no address/);

    lead();
    store.will(307, { location: gate.url });
    await expect(got()).rejects.toThrow(/refused the signed request \(307\)/);
  });
});

describe('the check of an answer', () => {
  const md5 = '9e107d9d372bb6826bd81d3542a419d6';
  it.each<readonly [Record<string, string>, boolean, string | null]>([
    [{ 'x-amz-checksum-sha256': SHA256, etag: `"${md5}"` }, true, 'SHA256'],
    [{ 'x-amz-checksum-sha256': `${SHA256}-3` }, true, null],
    [{ 'x-amz-checksum-crc32': CRC32.toString('base64'), 'x-amz-checksum-type': 'COMPOSITE', etag: `"${md5}"` }, true, 'MD5'],
    [{ 'content-md5': Buffer.from(md5, 'hex').toString('base64') }, false, 'MD5'],
    [{ etag: `"${md5}"` }, false, null],
    [{ etag: `"${md5}-2"` }, true, null],
    [{ etag: `"${md5}"`, 'x-amz-server-side-encryption': 'aws:kms' }, true, null],
  ])('of %j, of a store: %s, is %s', async (headers, isStore, name) => {
    expect((await checkOf(new Headers(headers), isStore))?.name ?? null).toBe(name);
  });
});

it('keys stand in addresses, and in names of files, where they can', () => {
  expect(pathOf('a b/c?#%/ü')).toBe('/objects/a%20b/c%3F%23%25/%C3%BC');
  expect(pathOf('a/../b')).toBe('/objects/a%2F..%2Fb');
  expect(() => pathOf('..')).toThrow(/no address can name/);
  expect(nameOf('docs/readme.md')).toBe('readme.md');
  for (const key of ['docs/', 'docs/..', '.', `docs/${'x'.repeat(256)}`]) expect(() => nameOf(key), key).toThrow(/no file can have the name/);
});
