/** Looks that take a listing for their observation, by the requests that a store gets: told by a plain HTTP server. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Region, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import { SqliteAuditStore } from '../../lib/adapters/sqlite/audit-store.ts';
import { openDatabase, type SqliteDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteDeleteLog } from '../../lib/adapters/sqlite/delete-log.ts';
import { SqliteReplicationState } from '../../lib/adapters/sqlite/replication-state.ts';
import { SqliteRoutePauses } from '../../lib/adapters/sqlite/route-pauses.ts';
import { SqliteWorkIndex } from '../../lib/adapters/sqlite/work-index.ts';
import { SystemIds } from '../../lib/adapters/system/ids.ts';
import type { ObjectChange } from '../../lib/core/change.ts';
import type { Listed } from '../../lib/core/objects/listed.ts';
import { UNKNOWN_PRINT } from '../../lib/core/objects/sight.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { Capabilities, Findings } from '../../lib/ports/objects.ts';
import { linkOnce } from '../../lib/usecases/link-once.ts';
import { Pace } from '../../lib/usecases/pace.ts';
import { type KeyOutcome, replayKey } from '../../lib/usecases/replay-key.ts';
import { trailOver } from '../fixtures/audit-trail.ts';
import { REAL_CLOCK } from '../fixtures/folder.ts';

const ETAG = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const MODIFIED = Date.parse('Sat, 21 Nov 2026 10:00:00 GMT');
const LISTED: Listed = { etag: ETAG, size: 3, lastModified: MODIFIED };
const ROUTE: Route = { name: 'a-b', from: 'a', to: 'b', prefix: '', deletes: true };
const CHANGE: ObjectChange = { op: 'PUT', key: 'k', origin: 'backfill', ts: MODIFIED, etag: ETAG, size: 3 };
const CAPABLE: Capabilities = {
  writable: true,
  conditionalPut: true,
  conditionalCopy: false,
  conditionalDelete: true,
  tags: false,
  checksums: false,
  versioned: false,
  neverVersioned: true,
  listsInOrder: true,
  copiesHeaders: true,
  servesWebsite: false,
};

describe('a look that was told what a listing showed', () => {
  let server: Server;
  let region: S3Region;
  let database: SqliteDatabase;
  let requests: IncomingMessage[];
  let capabilities: Capabilities;
  /** Etags that stand at the buckets, and that a copy gets. */
  let source: string | null;
  let destination: string | null;
  let copy: () => string;

  beforeEach(async () => {
    requests = [];
    capabilities = CAPABLE;
    source = ETAG;
    destination = null;
    copy = () => source ?? '';
    server = createServer((request, response) => {
      requests.push(request);
      const there = request.url?.startsWith('/to/') ? destination : source;
      const found = { etag: `"${there}"`, 'content-length': '3', 'last-modified': new Date(MODIFIED).toUTCString() };
      const pin = request.headers['x-amz-copy-source-if-match'];
      if (request.url === '/from/' || request.url === '/to/') response.writeHead(200).end();
      else if (request.method === 'HEAD') response.writeHead(there === null ? 404 : 200, there === null ? {} : found).end();
      else if (source === null) response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
      else if (pin !== `"${source}"`) response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      else {
        destination = copy();
        response.end(`<CopyObjectResult><ETag>"${destination}"</ETag></CopyObjectResult>`);
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    const findings: Findings = {
      recall: async () => ({ capabilities, foldsKeys: false, countsTags: true, copyDropsExpires: false, undoesDeletes: false }),
      remember: async () => undefined,
    };
    const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
    region = createS3Region({ region: 'eu-central-1', endpoint: `http://127.0.0.1:${address.port}`, credentials, findings });
    database = openDatabase(':memory:');
  });
  afterEach(async () => {
    region.close();
    database.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const state = (): SqliteReplicationState => new SqliteReplicationState(database);

  function look(listed?: Listed): Promise<KeyOutcome> {
    const [from, to] = [region.bucket('from'), region.bucket('to')];
    const ends = { store: () => from, destination: () => to, serverSide: () => serverSideLink(from, to) };
    const deps = {
      state: state(),
      queue: { send: async () => undefined },
      clock: REAL_CLOCK,
      ids: new SystemIds(),
      deletes: new SqliteDeleteLog(database),
      audit: trailOver(new SqliteAuditStore(database)),
      index: new SqliteWorkIndex(database),
      pauses: new SqliteRoutePauses(database, REAL_CLOCK),
      pace: new Pace(REAL_CLOCK),
      link: linkOnce(ends),
    };
    const terms = { receives: 1, deadline: Date.now() + 60_000, leaseMs: 60_000, retry: DEFAULT_RETRY, alwaysLease: false };
    return replayKey(deps, { route: ROUTE, key: 'k', changes: [CHANGE], look: false, ...terms, ...(listed ? { listed } : {}) });
  }

  const lines = (): readonly string[] => requests.map(({ method, url }) => `${method} ${url}`);

  it('is one request to the store, and one write', async () => {
    expect(await look(LISTED)).toMatchObject({ kind: 'settled', done: 1, acted: true });

    expect(lines()).toEqual(['PUT /to/k']);
    expect(requests[0]?.headers).toMatchObject({ 'x-amz-copy-source-if-match': `"${ETAG}"`, 'x-amz-metadata-directive': 'COPY' });
    expect(await state().get('a-b', 'k')).toMatchObject({ version: 1, applied: { etag: ETAG, lastModified: MODIFIED, print: UNKNOWN_PRINT } });
  });

  it('keeps the class that was listed', async () => {
    await look({ ...LISTED, storageClass: 'STANDARD_IA' });

    expect(requests[0]?.headers['x-amz-storage-class']).toBe('STANDARD_IA');
  });

  it('is an ordinary look where nothing was told', async () => {
    await look();

    expect(lines()).toEqual(['HEAD /from/k', 'PUT /to/k']);
  });

  it.each([{ copiesHeaders: false }, { servesWebsite: true }, { neverVersioned: false }])(
    'looks first where a copy may leave headers behind, or be of what was deleted: %o',
    async (over) => {
      capabilities = { ...CAPABLE, ...over };
      await look(LISTED);

      expect(lines()).toEqual(['HEAD /from/k', 'PUT /to/k']);
    },
  );

  it('looks at both sides where the source is another one now', async () => {
    source = OTHER;

    expect(await look(LISTED)).toMatchObject({ kind: 'settled', acted: true });
    expect(lines()).toEqual(['PUT /to/k', 'HEAD /to/k', 'HEAD /to/', 'HEAD /from/k', 'PUT /to/k']);
    expect(destination).toBe(OTHER);
  });

  it('looks at both sides where the source is gone, and copies nothing', async () => {
    source = null;

    expect(await look(LISTED)).toMatchObject({ kind: 'retry', error: { code: 'NO_SUCH_KEY_AT_SOURCE' } });
    expect(destination).toBeNull();
  });

  it('proves by a HEAD of the source what the store gave another etag', async () => {
    copy = () => OTHER;

    expect(await look(LISTED)).toMatchObject({ kind: 'retry', error: { code: 'INTEGRITY' } });
    expect(lines().slice(0, 2)).toEqual(['PUT /to/k', 'HEAD /from/k']);
  });

  it('takes an etag that is no hash for a copy, once the source was looked at', async () => {
    copy = () => `${OTHER}-1`;

    expect(await look(LISTED)).toMatchObject({ kind: 'settled', acted: true });
    expect(lines()).toEqual(['PUT /to/k', 'HEAD /from/k']);
    expect(await state().get('a-b', 'k')).toMatchObject({ applied: { etag: ETAG, destination: { etag: `${OTHER}-1` } } });
    expect(await state().get('a-b', 'k')).not.toMatchObject({ applied: { print: UNKNOWN_PRINT } });
  });

  it('copies once: the next look compares both sides, and records what they show', async () => {
    await look(LISTED);
    requests = [];

    expect(await look()).toMatchObject({ kind: 'settled', acted: false });
    expect(lines()).toEqual(['HEAD /from/k', 'HEAD /to/k', 'HEAD /from/k']);
    expect(await state().get('a-b', 'k')).not.toMatchObject({ applied: { print: UNKNOWN_PRINT } });
  });

  it('believes no listing of a key that somebody knows', async () => {
    await look();
    requests = [];
    await look(LISTED);

    expect(lines()[0]).toBe('HEAD /from/k');
  });
});
