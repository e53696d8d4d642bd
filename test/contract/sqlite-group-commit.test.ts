/** When a write is told to be done: once the log that holds it is on the disk. */
import { copyFileSync, mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GroupCommit } from '../../lib/adapters/sqlite/group-commit.ts';

describe('a group of writes', () => {
  let connection: DatabaseSync;
  /** Syncs under way, to be ended by the test. */
  let syncs: { readonly end: () => void; readonly fail: (error: Error) => void }[];
  let syncedNow: number;
  let commits: GroupCommit;

  const add = (name: string): Promise<void> =>
    commits.write(() => {
      connection.prepare('INSERT INTO names VALUES (?)').run(name);
    });
  const stored = (): readonly unknown[] =>
    connection
      .prepare('SELECT name FROM names')
      .all()
      .map(({ name }) => name);
  const syncUnderWay = (count: number): Promise<void> => expect.poll(() => syncs.length).toBe(count);

  beforeEach(() => {
    connection = new DatabaseSync(':memory:');
    connection.exec('CREATE TABLE names (name TEXT UNIQUE)');
    syncs = [];
    syncedNow = 0;
    commits = new GroupCommit(connection, 'a database', {
      sync: () => new Promise((end, fail) => syncs.push({ end, fail })),
      syncNow: () => void syncedNow++,
      close: () => undefined,
    });
  });
  afterEach(() => connection.close());

  it('is committed at once, and told of after its sync', async () => {
    const told: string[] = [];
    const first = add('a').then(() => told.push('a'));
    await syncUnderWay(1);

    expect(stored()).toEqual(['a']);
    expect(told).toEqual([]);
    syncs[0]?.end();
    await first;
    expect(told).toEqual(['a']);
  });

  it('gathers while the former one is synced, and has one sync of its own', async () => {
    const first = add('a');
    await syncUnderWay(1);
    const others = [add('b'), add('c'), add('d')];

    expect(stored()).toEqual(['a']);
    syncs[0]?.end();
    await first;
    await syncUnderWay(2);
    expect(stored()).toEqual(['a', 'b', 'c', 'd']);
    syncs[1]?.end();
    await Promise.all(others);
    expect(syncs).toHaveLength(2);
  });

  it('fails whole where it cannot be synced, and the next one does not', async () => {
    const lost = add('a');
    await syncUnderWay(1);
    const next = add('b');
    syncs[0]?.fail(new Error('input/output error'));

    await expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await next;
    const last = add('c');
    await syncUnderWay(2);
    syncs[1]?.end();
    await last;
  });

  it('is synced at once when the database is closed, what waits included', async () => {
    const first = add('a');
    await syncUnderWay(1);
    const second = add('b');
    commits.close();

    await Promise.all([first, second]);
    expect(stored()).toEqual(['a', 'b']);
    expect(syncedNow).toBe(1);
    await expect(add('c')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('a write after one that could not be synced', () => {
  it('is told of once it survives without the log, whose beginning may be lost', async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'tidemark-commits-'));
    const path = join(folder.path, 'names.db');
    using connection = new DatabaseSync(path);
    connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE names (name TEXT UNIQUE)');
    let fails = true;
    const commits = new GroupCommit(connection, path, {
      sync: () => (fails ? Promise.reject(new Error('input/output error')) : Promise.resolve()),
      syncNow: () => undefined,
      close: () => undefined,
    });
    const add = (name: string): Promise<unknown> => commits.write(() => connection.prepare('INSERT INTO names VALUES (?)').run(name));

    await expect(add('a')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fails = false;
    await add('b');

    const alone = join(folder.path, 'alone.db');
    copyFileSync(path, alone);
    using survivor = new DatabaseSync(alone);
    expect(survivor.prepare('SELECT name FROM names ORDER BY name').all()).toEqual([{ name: 'a' }, { name: 'b' }]);
  });
});
