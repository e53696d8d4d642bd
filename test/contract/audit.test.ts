import { appendFile, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { FolderAuditHeads } from '../../lib/adapters/filesystem/audit-heads.ts';
import { SqliteAuditStore } from '../../lib/adapters/sqlite/audit-store.ts';
import { SqliteSignedMark } from '../../lib/adapters/sqlite/signed-mark.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import type { AuditStore } from '../../lib/ports/audit.ts';
import { MemoryAuditStore } from '../fixtures/audit-trail.ts';
import { type DynamoServer, dynamoAvailable, startDynamoServer } from '../fixtures/dynamodb-server.ts';
import { auditHeadsContract, headOf } from './audit-heads.ts';
import { auditStoreContract } from './audit-store.ts';
import { scratch } from './sqlite-support.ts';

auditStoreContract('memory, of tests', async () => {
  const store = new MemoryAuditStore();
  return { store, other: store, dispose: () => undefined };
});

auditStoreContract('sqlite', async () => {
  const place = scratch();
  const database = place.open();
  return { store: new SqliteAuditStore(database), other: new SqliteAuditStore(database), dispose: place.dispose };
});

it('sqlite keeps how far a chain was signed, and never less', async () => {
  const place = scratch();
  const database = place.open();
  const mark = new SqliteSignedMark(database);
  expect(await mark.read()).toBe(0);
  await mark.raise(7);
  await mark.raise(5);

  expect(await new SqliteSignedMark(database).read()).toBe(7);
  await place.dispose();
});

describe.skipIf(!dynamoAvailable())('dynamodb', () => {
  let server: DynamoServer;
  beforeAll(async () => {
    server = await startDynamoServer();
  });
  afterAll(() => server.stop());

  auditStoreContract('dynamodb', async () => {
    const tableName = await server.createTable();
    const reached = (): AuditStore => new DynamoState({ client: server.client, tableName, clock: new SystemClock() }).audit;
    return { store: reached(), other: reached(), dispose: () => undefined };
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-heads-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  auditHeadsContract('a folder', async () => new FolderAuditHeads(join(folder, 'audit-heads')));

  it('has a file a month, for its owner alone, and bears what a crash left of a line', async () => {
    const heads = new FolderAuditHeads(folder);
    const [first, second, third] = [await headOf(1), await headOf(2), await headOf(40)];
    await heads.put(first);
    const [name = ''] = await readdir(folder);
    await appendFile(join(folder, name), '{"length":7,"hash":"half of a li');
    await heads.put(second);
    await heads.put(third);

    expect(await heads.page(Number.POSITIVE_INFINITY, 10)).toEqual([third, second, first]);
    expect((await readdir(folder)).toSorted()).toEqual(['2026-09.jsonl', '2026-10.jsonl']);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });
});
