/** Long work whose command is cut short at the worst moments, against a server that chooses them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { BIN } from './cli.ts';

const ROUTES = { routes: [{ name: 'a-b', from: 'a', to: 'b', prefix: '', bidirectional: false, paused: null, deletesPaused: null }] };

/** @param answer of all but the routes @returns how `tidemark verify` ended, which it may be told by a signal to do */
async function verifying(
  answer: (request: IncomingMessage, response: ServerResponse, interrupt: () => void) => void,
): Promise<{ readonly code: number | null; readonly errors: string }> {
  let interrupt = (): void => undefined;
  const server = createServer((request, response) => {
    if (request.url === '/routes') response.end(JSON.stringify(ROUTES));
    else answer(request, response, () => interrupt());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const child = spawn(process.execPath, [BIN, 'verify', '--url', `http://127.0.0.1:${port}`], { env: { PATH: process.env.PATH } });
  interrupt = () => void child.kill('SIGINT');
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  server.closeAllConnections();
  server.close();
  return { code, errors };
}

it('is named to whoever ends the command while it is being begun', async () => {
  const ended = await verifying((request, response, interrupt) => {
    if (request.method !== 'POST') return response.end('{"status":"running","counts":{}}');
    interrupt();
    // As long as a signal takes to arrive.
    return setTimeout(() => response.writeHead(202).end('{"id":"v-1","status":"running"}'), 100);
  });

  expect(ended).toMatchObject({ code: 130, errors: expect.stringContaining('Come back to it: tidemark verify watch v-1. Stop it:') });
});

it('is named where nobody answers any more', async () => {
  const ended = await verifying((request, response) => {
    if (request.method === 'POST') response.writeHead(202).end('{"id":"v-1","status":"running"}');
    else request.socket.destroy();
  });

  expect(ended).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/^tidemark: nothing answers at .*\n.*Come back to it: tidemark verify watch v-1\n$/),
  });
});

it('that is not there is nothing to come back to', async () => {
  const ended = await verifying((request, response) => {
    if (request.method === 'POST') response.writeHead(202).end('{"id":"v-1","status":"running"}');
    else response.writeHead(404).end('{"status":404,"detail":"there is no such verify"}');
  });

  expect(ended).toEqual({ code: 1, errors: 'tidemark: there is no such verify\n' });
});
