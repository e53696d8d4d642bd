/** Conflicts as commands, against a server that answers as the API's schemas say: a host has conflicts where both sides were written at once. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Ended, tidemark } from './cli.ts';

const CONFLICT = {
  id: 'docs.tpnh1bvhwo.cmVwb3J0LnR4dA',
  route: 'docs',
  key: 'report.txt',
  at: Date.UTC(2026, 10, 21, 18, 0, 0),
  winner: { region: 'secondary', op: 'PUT', etag: '9bf3', ts: 1 },
  loser: { region: 'primary', op: 'DELETE', ts: null },
  restorable: false,
  unsure: false,
};
const REFUSAL = {
  status: 409,
  detail: 'id: no',
  errors: [{ field: 'id', message: 'region primary keeps no version of it', fix: 'Write it again.' }],
};
const ANSWERS: Readonly<Record<string, readonly [number, unknown]>> = {
  'GET /conflicts?route=docs&keyLike=rep&limit=1': [200, { conflicts: [CONFLICT], cursor: 'next' }],
  'GET /conflicts?limit=50': [200, { conflicts: [] }],
  [`POST /conflicts/${CONFLICT.id}/dismiss`]: [200, CONFLICT],
  [`POST /conflicts/${CONFLICT.id}/restore`]: [409, REFUSAL],
};

let server: Server;
let run: (...args: readonly string[]) => Promise<Ended>;
beforeEach(async () => {
  server = createServer(({ method, url }, response) => {
    const [status, body] = ANSWERS[`${method} ${url}`] ?? [404, { status: 404, detail: `nobody asks ${method} ${url}` }];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  run = (...args) => tidemark(['conflicts', ...args, '--url', `http://127.0.0.1:${address.port}`]);
});
afterEach(() => void server.close());

it('are listed, dismissed, and restored where that can be', { timeout: 60_000 }, async () => {
  const [listed, none, dismissed, refused] = await Promise.all([
    run('list', '--route', 'docs', '--key', 'rep', '--limit', '1'),
    run('list'),
    run('dismiss', CONFLICT.id),
    run('restore', CONFLICT.id),
  ]);

  expect(listed).toMatchObject({ code: 0, errors: 'There are more: --cursor next\n' });
  expect(listed.output.split('\n')[1]).toBe(`2026-11-21 18:00:00Z  report.txt  PUT at secondary  DELETE at primary  no          ${CONFLICT.id}`);
  expect(none).toEqual({ code: 0, output: '', errors: 'There are no conflicts.\n' });
  expect(dismissed).toEqual({ code: 0, output: '', errors: 'Dismissed: what won stays.\n' });
  expect(refused).toEqual({ code: 1, output: '', errors: 'tidemark: id: region primary keeps no version of it. Write it again.\n' });
});
