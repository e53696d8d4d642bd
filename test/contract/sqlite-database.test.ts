import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { SqliteQueue } from '../../lib/adapters/sqlite/queue.ts';
import { SqliteReplicationState } from '../../lib/adapters/sqlite/replication-state.ts';
import { SqliteWorkIndex } from '../../lib/adapters/sqlite/work-index.ts';
import { ManualClock } from './manual-clock.ts';
import { delivery, ROUTE, record } from './replication-state-support.ts';
import { type Scratch, scratch } from './sqlite-support.ts';

const WRITER = join(import.meta.dirname, '..', 'fixtures', 'sqlite-writer.ts');

/** Counts the commit frames of a write-ahead log that was not checkpointed yet (SQLite, "WAL-mode File Format"). */
function commitsIn(path: string): number {
  const log = readFileSync(path);
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let at = 32; at + frame <= log.length; at += frame) {
    if (log.readUInt32BE(at + 4) !== 0) commits++;
  }
  return commits;
}

describe('the SQLite database', () => {
  let place: Scratch;
  const children: ChildProcess[] = [];
  beforeEach(() => {
    place = scratch();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    place.dispose();
  });

  /** Another process that writes records as fast as it can and names each key once its write has resolved. */
  function startWriter(): { readonly child: ChildProcess; readonly keys: readonly string[] } {
    const child = spawn(process.execPath, ['--no-warnings', WRITER, place.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const keys: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => keys.push(line));
    return { child, keys };
  }

  async function killed(child: ChildProcess): Promise<void> {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }

  describe('opening', () => {
    it('makes the folders on the way', () => {
      place.open();

      expect(existsSync(place.path)).toBe(true);
    });

    it.each([
      ['a path', (path: string) => path],
      ['a file URL', (path: string) => pathToFileURL(path).href],
      ['an sqlite URL', (path: string) => `sqlite://${path}`],
    ])('takes %s', (_, urlOf) => {
      const database = openDatabase(urlOf(place.path));

      expect(database.path).toBe(place.path);
      database.close();
    });

    it('takes a database in memory, more than once', async () => {
      const [one, two] = [openDatabase(':memory:'), openDatabase(':memory:')];

      await new SqliteReplicationState(one).put(record('k'), 0);

      expect(await new SqliteReplicationState(two).get(ROUTE, 'k')).toBeNull();
      one.close();
      two.close();
    });

    it.each(['', 'postgres://host/db'])('refuses what names no SQLite file: %j', (url) => {
      expect(() => openDatabase(url)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
    });

    it('refuses a file that is no database, and leaves it unlocked', () => {
      mkdirSync(dirname(place.path), { recursive: true });
      writeFileSync(place.path, 'this is a text and no database at all, long enough for a header of one hundred bytes. '.repeat(3));

      for (let attempt = 0; attempt < 2; attempt++) {
        expect(() => place.open()).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('not a database') }));
      }
    });

    it('refuses a database that a newer version made', () => {
      place.open().close();
      const raw = new DatabaseSync(place.path);
      raw.exec('PRAGMA user_version = 999');
      raw.close();

      expect(() => place.open()).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringContaining('newer') }));
    });
  });

  describe('durability', () => {
    it('keeps records, stats and messages across a reopening', async () => {
      const clock = new ManualClock();
      const kept = record('k', { deliveries: [delivery('d', 'pending', { size: 5 })] });
      const first = place.open();
      await new SqliteReplicationState(first).put(kept, 0);
      const queue = new SqliteQueue(first, { clock });
      await queue.send([{ body: 'm' }, { body: 'held' }]);
      await queue.receive({ max: 1, visibilitySec: 30 });
      await queue.park('odd', 'why');
      first.close();

      const second = place.open();

      expect(await new SqliteReplicationState(second).get(ROUTE, 'k')).toEqual(kept);
      expect(await new SqliteWorkIndex(second).stats()).toMatchObject({ counts: { pending: 1 }, openBytes: 5 });
      expect(await new SqliteQueue(second, { clock }).stats()).toMatchObject({ waiting: 1, inFlight: 1, dead: 1 });
    });

    it('commits what waits when it is closed, and takes no more', async () => {
      const first = place.open();
      const state = new SqliteReplicationState(first);
      const waiting = state.put(record('k'), 0);

      first.close();

      expect(await waiting).toBe(true);
      await expect(state.put(record('l'), 0)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
      expect(await new SqliteReplicationState(place.open()).get(ROUTE, 'k')).not.toBeNull();
    });

    it('resolves a write only when another connection can read it', async () => {
      const state = new SqliteReplicationState(place.open());
      await state.put(record('first'), 0);
      const other = new DatabaseSync(place.path);
      const count = other.prepare('SELECT count(*) AS records FROM records');

      const waiting = state.put(record('second'), 0);

      expect(count.get()?.records).toBe(1);
      await waiting;
      expect(count.get()?.records).toBe(2);
      other.close();
    });

    it('loses no write of a killed process, and its totals fit its records', async () => {
      const { child, keys } = startWriter();
      await expect.poll(() => keys.length, { timeout: 10_000 }).toBeGreaterThan(500);

      await killed(child);
      const database = place.open();

      const stored = new Set(
        database
          .prepare('SELECT body FROM records')
          .all()
          .map(({ body }) => String(JSON.parse(String(body)).key)),
      );
      expect(keys.filter((key) => !stored.has(key))).toEqual([]);
      expect((await new SqliteWorkIndex(database).stats()).counts.done).toBe(stored.size);
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    });
  });

  describe('one process a database', () => {
    it('refuses what another process holds, says what to do, and takes it once that process was killed', async () => {
      const { child, keys } = startWriter();
      await expect.poll(() => keys.length, { timeout: 10_000 }).toBeGreaterThan(0);

      expect(() => place.open()).toThrow(
        expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.stringMatching(/another running process holds .*stop it/) }),
      );
      await killed(child);

      expect(() => place.open()).not.toThrow();
    });

    it('refuses a second opening in the same process too, until the first is closed', () => {
      const first = place.open();
      expect(() => place.open()).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
      first.close();

      expect(() => place.open()).not.toThrow();
    });
  });

  describe('group commit', () => {
    it('undoes a failing write alone, all of it, and commits its neighbours', async () => {
      const database = place.open();
      const insert = database.prepare('INSERT INTO delete_pauses (route, paused_at) VALUES (?, 1)');
      const failure = new Error('planted');

      const outcomes = await Promise.allSettled([
        database.write(() => insert.run('before').changes),
        database.write(() => {
          insert.run('failing');
          throw failure;
        }),
        database.write(() => {
          insert.run('breaking');
          insert.run('before');
        }),
        database.write(() => insert.run('after').changes),
      ]);

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
      expect(outcomes[1]).toMatchObject({ reason: failure });
      const routes = database.prepare('SELECT route FROM delete_pauses ORDER BY route').all();
      expect(routes.map(({ route }) => route)).toEqual(['after', 'before']);
    });

    it('commits what one turn asks for in one transaction', async () => {
      const state = new SqliteReplicationState(place.open());
      const before = commitsIn(`${place.path}-wal`);

      await Promise.all(Array.from({ length: 200 }, (_, n) => state.put(record(`k${n}`), 0)));

      expect(commitsIn(`${place.path}-wal`) - before).toBe(1);
    });

    it('takes more writes than one transaction holds', async () => {
      const state = new SqliteReplicationState(place.open());

      const outcomes = await Promise.all(Array.from({ length: 2_500 }, (_, n) => state.put(record(`k${n}`), 0)));

      expect(outcomes.every(Boolean)).toBe(true);
    });

    it('says that a full disk may heal, and goes on when it has', async () => {
      const database = place.open();
      const queue = new SqliteQueue(database, { clock: new ManualClock() });
      const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
      database.prepare(`PRAGMA max_page_count = ${pages + 4}`).get();

      await expect(queue.send([{ body: 'x'.repeat(200_000) }])).rejects.toMatchObject({ code: 'UNAVAILABLE' });

      expect(await queue.stats()).toMatchObject({ waiting: 0 });
      database.prepare('PRAGMA max_page_count = 1000000').get();
      await queue.send([{ body: 'm' }]);
      expect(await queue.stats()).toMatchObject({ waiting: 1 });
    });

    it('waits for another process that writes, and goes on with all else meanwhile', async () => {
      const database = place.open();
      const state = new SqliteReplicationState(database);
      const other = new DatabaseSync(place.path);
      other.exec('BEGIN IMMEDIATE');

      const written = state.put(record('a'), 0);
      // Were it waited for by SQLite itself, it would have given up before so many turns came.
      for (let turn = 0; turn < 10; turn++) await new Promise((next) => setTimeout(next, 10));
      other.exec('COMMIT');
      other.close();

      expect(await written).toBe(true);
    });

    it('tells every caller when the group cannot begin, and goes on when it can', async () => {
      const database = place.open();
      database.prepare('PRAGMA busy_timeout = 0').get();
      const state = new SqliteReplicationState(database);
      const other = new DatabaseSync(place.path);
      other.exec('BEGIN IMMEDIATE');

      const outcomes = await Promise.allSettled([state.put(record('a'), 0), state.put(record('b'), 0)]);
      other.close();

      expect(outcomes).toMatchObject([{ reason: { code: 'UNAVAILABLE' } }, { reason: { code: 'UNAVAILABLE' } }]);
      expect(await state.put(record('a'), 0)).toBe(true);
    });

    it('tells every caller when the group cannot commit, and writes nothing of it', async () => {
      const database = place.open();
      database.prepare('CREATE TABLE parent (id INTEGER PRIMARY KEY)').run();
      database.prepare('CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)').run();
      const orphan = database.prepare('INSERT INTO child VALUES (1)');
      const state = new SqliteReplicationState(database);

      const outcomes = await Promise.allSettled([state.put(record('a'), 0), database.write(() => orphan.run()), state.put(record('b'), 0)]);

      expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect(await state.get(ROUTE, 'a')).toBeNull();
      expect(await state.put(record('a'), 0)).toBe(true);
    });
  });
});
