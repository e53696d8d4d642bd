import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { FolderReports } from '../../lib/adapters/filesystem/reports.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import type { Tokens } from '../../lib/local/access.ts';
import { type HttpServer, startHttpServer } from '../../lib/local/http-server.ts';

let server: HttpServer;
let seen: APIGatewayProxyEventV2[] = [];

/** Stands for the API: it answers what it was given. */
async function start(tokens: Tokens = {}): Promise<string> {
  seen = [];
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  server = await startHttpServer({
    ...tokens,
    host: '127.0.0.1',
    port: 0,
    clock: new SystemClock(),
    log,
    reports: new FolderReports(join(tmpdir(), 'no-such-folder')),
    handler: async (event) => {
      seen.push(event);
      if (event.rawPath === '/throws') throw new Error('a secret of the insides');
      return { statusCode: 203, headers: { 'x-answer': 'yes' }, body: 'ünïcode' };
    },
  });
  return server.url;
}

afterEach(() => server.stop(AbortSignal.abort()));

/** With headers that fetch does not let a caller set. */
async function raw(url: string, headers: Record<string, string>): Promise<number> {
  const request = httpRequest(url, { headers }).end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

describe('a request', () => {
  it('reaches the handler as API Gateway would hand it over', async () => {
    const url = await start();

    const answer = await fetch(`${url}/events/a%2Fb?keyLike=x%25&limit=2`, { method: 'POST', body: '{"grüße":1}', headers: { 'X-Many': 'one' } });

    expect(seen[0]).toMatchObject({
      version: '2.0',
      rawPath: '/events/a%2Fb',
      rawQueryString: 'keyLike=x%25&limit=2',
      queryStringParameters: { keyLike: 'x%', limit: '2' },
      headers: { 'x-many': 'one' },
      body: '{"grüße":1}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'POST', path: '/events/a%2Fb', sourceIp: '127.0.0.1' } },
    });
    expect(answer.status).toBe(203);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(answer.headers.get('x-request-id')).toBe(seen[0]?.requestContext.requestId);
    expect(await answer.text()).toBe('ünïcode');
  });

  it('hands over bytes that are no text as base64', async () => {
    const url = await start();

    await fetch(url, { method: 'POST', body: new Uint8Array([0xff, 0x00, 0xfe]) });

    expect(seen[0]).toMatchObject({ isBase64Encoded: true, body: '/wD+' });
  });

  it('is answered without the insides when the handler throws', async () => {
    const url = await start();

    const answer = await fetch(`${url}/throws`);

    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.text()).not.toContain('secret');
  });
});

describe('a body over 1 MiB', () => {
  const tooMuch = new Uint8Array(3 * 1024 * 1024);

  it('is answered with 413 and never reaches the handler', async () => {
    const url = await start();

    const answer = await fetch(url, { method: 'POST', body: tooMuch });

    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ status: 413, title: 'Content Too Large' });
    expect(seen).toEqual([]);
  });

  it('is found out also where its length was not told', async () => {
    const url = await start();
    const chunks = ReadableStream.from([tooMuch]);

    const answer = await fetch(url, { method: 'POST', body: chunks, duplex: 'half' });

    expect(answer.status).toBe(413);
    expect(seen).toEqual([]);
  });

  it('begins where the API itself begins to refuse', async () => {
    const url = await start();

    const answer = await fetch(url, { method: 'POST', body: new Uint8Array(1024 * 1024 + 1) });

    expect(answer.status).toBe(203);
  });
});

describe('what cannot be read as a request', () => {
  const problemOf = (text: string): Record<string, unknown> => JSON.parse(text.slice(text.indexOf('\r\n\r\n')));

  it.each([20_000, 2_000_000])('an address of %i characters is refused by name, and the answer arrives', async (size) => {
    const url = await start();

    const answer = await fetch(`${url}/events?keyLike=${'x'.repeat(size)}`);
    const problem: unknown = await answer.json();

    expect(answer.status).toBe(431);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(problem).toMatchObject({ status: 431, instance: answer.headers.get('x-request-id') });
    expect(seen).toEqual([]);
  });

  it('is refused as every other, whatever it is', async () => {
    const url = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('no request at all\r\n\r\n');

    const answer = await text(socket);

    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json/);
    expect(problemOf(answer)).toMatchObject({ status: 400, detail: expect.stringContaining('see what the client sends') });
  });
});

describe('what Node would refuse without a word', () => {
  it.each([
    [400, 'host: it is missing', 'POST /events HTTP/1.1\r\ncontent-length: 9\r\n\r\n'],
    [417, 'expect: 100-continue', 'POST /events HTTP/1.1\r\nhost: localhost\r\nexpect: x\r\ncontent-length: 9\r\n\r\n'],
  ])('is answered %i as every other, and ends the connection', async (status, detail, sent) => {
    const url = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(sent);

    const answer = await text(socket);

    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('content-type: application/problem+json; charset=utf-8\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ status, detail: expect.stringContaining(detail) });
    expect(seen).toEqual([]);
  });

  it('is taken of HTTP/1.0, which knows no such header', async () => {
    const url = await start({ apiToken: 'token' });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /events HTTP/1.0\r\nauthorization: Bearer token\r\n\r\n');

    expect(await text(socket)).toMatch(/^HTTP\/1.1 203 /);
  });
});

describe('with API_TOKEN and EVENTS_TOKEN', () => {
  const tokens = { apiToken: 'the-api-token', eventsToken: 'the-events-token' };
  const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });

  it('only the health and the documentation are open', async () => {
    const url = await start(tokens);

    const refused = await fetch(`${url}/events`);

    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    for (const path of ['/healthz', '/openapi.json', '/api/docs']) {
      expect((await fetch(`${url}${path}`)).status).toBe(203);
      expect((await fetch(`${url}${path}`, { method: 'HEAD' })).status).toBe(203);
      expect((await fetch(`${url}${path}`, { method: 'POST' })).status).toBe(401);
      expect((await fetch(`${url}${path}/`)).status).toBe(401);
    }
  });

  it('the API token opens everything, another one nothing', async () => {
    const url = await start(tokens);

    expect((await fetch(`${url}/events`, bearer('the-api-token'))).status).toBe(203);
    expect((await fetch(`${url}/events/s3`, { method: 'POST', ...bearer('the-api-token') })).status).toBe(203);
    for (const wrong of ['the-api-toke', 'the-api-token2', '', 'undefined']) expect((await fetch(`${url}/events`, bearer(wrong))).status).toBe(401);
  });

  it('the events token opens the webhook alone', async () => {
    const url = await start(tokens);

    expect((await fetch(`${url}/events/s3`, { method: 'POST', ...bearer('the-events-token') })).status).toBe(203);
    expect((await fetch(`${url}/events/s3`, { method: 'POST', headers: { authorization: 'the-events-token' } })).status).toBe(203);
    expect((await fetch(`${url}/events/ingest`, { method: 'POST', ...bearer('the-events-token') })).status).toBe(401);
    expect((await fetch(`${url}/events/s3`, { method: 'POST' })).status).toBe(401);
  });

  it('a request with the token may come under any name', async () => {
    const url = await start(tokens);

    expect(await raw(`${url}/events`, { host: 'tidemark.example', authorization: 'Bearer the-api-token' })).toBe(203);
  });
});

describe('without a token', () => {
  it('no web page reaches the API through the browser of whoever runs it', async () => {
    const url = await start();

    expect(await raw(`${url}/events`, { host: 'attacker.example' })).toBe(403);
    expect(await raw(`${url}/events`, { host: 'localhost.attacker.example' })).toBe(403);
    expect(await raw(`${url}/events`, { origin: 'https://attacker.example' })).toBe(403);
    expect(await raw(`${url}/events`, { origin: 'null' })).toBe(403);
    expect(await raw(`${url}/events`, { host: 'localhost:8111', origin: 'http://localhost:3000' })).toBe(203);
    expect(await raw(`${url}/events`, { host: '[::1]:8111' })).toBe(203);
    // What names no origin, as a script or an image does, and a link that somebody follows.
    for (const [mode, dest] of [
      ['no-cors', 'script'],
      ['no-cors', 'image'],
      ['navigate', 'iframe'],
    ])
      expect(await raw(`${url}/events`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode ?? '', 'sec-fetch-dest': dest ?? '' })).toBe(403);
    expect(await raw(`${url}/events`, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' })).toBe(203);
    expect(await raw(`${url}/events`, { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).toBe(203);
  });
});
