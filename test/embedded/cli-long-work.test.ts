/** Long work whose command is cut short at the worst moments, against a server that chooses them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { BIN } from './cli.ts';

const ROUTES = { routes: [{ name: 'a-b', from: 'a', to: 'b', prefix: '', bidirectional: false, paused: null, deletesPaused: null }] };
const COUNTS = { equal: 0, missing: 1, different: 0, extra: 0, unknown: 0 };
const DONE = JSON.stringify({
  id: 'v-1',
  kind: 'verify',
  route: 'a-b',
  prefix: '',
  status: 'done',
  counts: COUNTS,
  compared: 1,
  bytes: 0,
  deep: false,
  startedAt: 1,
  finishedAt: 2,
});
const DIFFERENCES = JSON.stringify({ differences: [{ key: 'k.txt', kind: 'missing', reason: 'it is not there', from: null, to: null }] });

interface Acts {
  /** Ctrl-C. */
  readonly interrupt: () => void;
  /** As a host that was killed: nothing answers at its port, until the command has said so. */
  readonly restart: () => void;
}

/** @param answer of all but the routes @returns how `tidemark verify` ended */
async function verifying(
  answer: (request: IncomingMessage, response: ServerResponse, acts: Acts) => void,
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  const server = createServer((request, response) => {
    if (request.url === '/routes') response.end(JSON.stringify(ROUTES));
    else answer(request, response, acts);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const child = spawn(process.execPath, [BIN, 'verify', '--url', `http://127.0.0.1:${port}`], { env: { PATH: process.env.PATH } });
  const acts: Acts = {
    interrupt: () => void child.kill('SIGINT'),
    restart: () => {
      child.stderr.once('data', () => server.listen(port, '127.0.0.1'));
      server.close();
      server.closeAllConnections();
    },
  };
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  server.closeAllConnections();
  server.close();
  return { code, output, errors };
}

it('is named to whoever ends the command while it is being begun', async () => {
  const ended = await verifying((request, response, { interrupt }) => {
    if (request.method !== 'POST') return response.end('{"status":"running","counts":{}}');
    interrupt();
    // As long as a signal takes to arrive.
    return setTimeout(() => response.writeHead(202).end('{"id":"v-1","status":"running"}'), 100);
  });

  expect(ended).toMatchObject({ code: 130, errors: expect.stringContaining('Come back to it: tidemark verify watch v-1. Stop it:') });
});

it('says once what it waits for where its route is paused, to whom no progress is drawn, too', async () => {
  const counts = { equal: 0, missing: 0, different: 0, extra: 0, unknown: 0 };
  const view = { id: 'v-1', kind: 'repair', route: 'a-b', prefix: '', deep: false, counts, compared: 0, bytes: 0, enqueued: 0 };
  let looks = 0;
  const ended = await verifying((request, response) => {
    const answer = request.method === 'POST' || ++looks < 3 ? { status: 'running', paused: 1_795_000_000_000 } : { status: 'done', paused: null };
    response.writeHead(request.method === 'POST' ? 202 : 200).end(JSON.stringify({ ...view, ...answer }));
  });

  expect(ended.code).toBe(0);
  expect(ended.errors).toBe(
    'waits: route a-b has been paused since 2026-11-18 11:06:40Z; to let it go on: tidemark routes resume a-b\n' +
      'equal 0 of 0 keys (a-b; by listings and records; --deep compares every byte). To be mended: 0 keys.\n',
  );
});

it('is watched on when the host has started again', async () => {
  let looks = 0;
  const ended = await verifying((request, response, { restart }) => {
    if (request.method === 'POST') return response.writeHead(202).end('{"id":"v-1","status":"running"}');
    const isList = request.url?.includes('/differences') ?? false;
    looks += 1;
    // Killed at the first look, and once more while the differences are told.
    if (looks === 1 || (isList && looks === 3)) return restart();
    return response.end(isList ? DIFFERENCES : DONE);
  });

  expect(ended).toMatchObject({ code: 3, output: expect.stringMatching(/^missing .*k.txt/) });
  expect(ended.errors.match(/^nothing answers at .*\nAsking again for 30 s\.$/gm)).toHaveLength(2);
});

it('is named to whoever ends the command while nothing answers', async () => {
  const ended = await verifying((request, response, { interrupt }) => {
    if (request.method === 'POST') return response.writeHead(202).end('{"id":"v-1","status":"running"}');
    interrupt();
    return request.socket.destroy();
  });

  expect(ended).toMatchObject({ code: 130, errors: expect.stringContaining('Come back to it: tidemark verify watch v-1. Stop it:') });
});

it('that is not there is nothing to come back to', async () => {
  const ended = await verifying((request, response) => {
    if (request.method === 'POST') response.writeHead(202).end('{"id":"v-1","status":"running"}');
    else response.writeHead(404).end('{"status":404,"detail":"there is no such verify"}');
  });

  expect(ended).toEqual({ code: 1, output: '', errors: 'tidemark: there is no such verify\n' });
});
