/** The change log as an application imports it, on files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChangeEvent } from '../../lib/core/log/event.ts';
import type { EventBatch } from '../../lib/core/log/reading.ts';
import { type ChangeLog, type ChangeLogConfig, createChangeLog } from '../../lib/local/change-log.ts';

const MODULE = resolve(import.meta.dirname, '../../lib/local/change-log.ts');

let folder: string;
let opened: ChangeLog[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-log-'));
  opened = [];
});
afterEach(async () => {
  for (const log of opened) await log.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(config: Partial<ChangeLogConfig> = {}): ChangeLog {
  const log = createChangeLog({ database: join(folder, 'log.db'), stream: 'orders', ...config });
  opened.push(log);
  return log;
}

async function batchesOf(log: ChangeLog, options?: Parameters<ChangeLog['replay']>[0]): Promise<readonly EventBatch[]> {
  const batches: EventBatch[] = [];
  for await (const batch of log.replay(options)) batches.push(batch);
  return batches;
}

async function all(log: ChangeLog, options?: Parameters<ChangeLog['replay']>[0]): Promise<readonly ChangeEvent[]> {
  return (await batchesOf(log, options)).flatMap(({ events }) => events);
}

const documents = async (log: ChangeLog, options?: Parameters<ChangeLog['replay']>[0]): Promise<readonly string[]> =>
  (await all(log, options)).map(({ documentId }) => documentId);

const code = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

describe('the change log', () => {
  it('keeps what was emitted, in order, with what changed, across a restart', async () => {
    const log = open();
    expect(await log.emit('INSERT', 'orders', '1', { after: { total: 1 }, correlationId: 'c' })).toMatchObject({ sequence: 1 });
    await log.emit('UPDATE', 'orders', '1', { before: { total: 1 }, after: { total: 2 } });
    await log.emit('DELETE', 'orders', '1', { before: { total: 2 } });
    await log.close();

    const events = await all(open());
    expect(events.map(({ sequence, operation }) => [sequence, operation])).toEqual([
      [1, 'INSERT'],
      [2, 'UPDATE'],
      [3, 'DELETE'],
    ]);
    expect(events[0]).toMatchObject({ collection: 'orders', documentId: '1', after: { total: 1 }, correlationId: 'c' });
    expect(events[1]?.changedFields).toEqual(['/total']);
  });

  it('has stored what was only buffered when it is closed', async () => {
    const log = open({ durability: 'buffered' });
    for (let n = 1; n <= 250; n++) await log.emit('INSERT', 'orders', String(n));
    await log.close();

    expect(await documents(open())).toEqual(Array.from({ length: 250 }, (_, n) => String(n + 1)));
  });

  it('stores a change once, however often and by whomever it is emitted', async () => {
    const logs = [open(), open()];
    const told = await Promise.all(
      Array.from({ length: 60 }, (_, n) => logs[n % 2]?.emit('INSERT', 'orders', String(n >> 2), { id: `id-${n >> 2}` })),
    );

    const events = await all(open());
    expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 15 }, (_, n) => n + 1));
    for (const emitted of told) expect(events[(emitted?.sequence ?? 0) - 1]?.id).toBe(emitted?.id);
  });

  it('is read from any place: a sequence, a time, both, the beginning and the end', async () => {
    const log = open();
    for (let n = 1; n <= 3; n++) await log.emit('INSERT', n === 2 ? 'users' : 'orders', String(n));
    const [, second] = await batchesOf(log, { batchSize: 1 });
    if (!second) throw new Error('there are three');

    expect(await documents(log, { fromCursor: second.cursor })).toEqual(['3']);
    expect(await documents(log, { fromCursor: { sequence: 0 } })).toEqual(['1', '2', '3']);
    expect(await documents(log, { fromCursor: { timestamp: 0 }, toCursor: second.cursor })).toEqual(['1', '2']);
    expect(await documents(log, { fromCursor: { timestamp: second.cursor.timestamp } })).toContain('3');
    expect(await documents(log, { fromCursor: 'latest' })).toEqual([]);
    expect(await documents(log, { collections: ['users'], operations: ['INSERT'] })).toEqual(['2']);
    expect(await documents(log, { stream: 'nothing here' })).toEqual([]);
  });

  it('refuses a cursor of another stream, one in the future, and one whose events are gone', async () => {
    const log = open();
    await log.emit('INSERT', 'orders', '1');
    await log.emit('INSERT', 'orders', '2');
    const failing = async (options: Parameters<ChangeLog['replay']>[0]): Promise<unknown> =>
      code(await all(log, options).catch((error: unknown) => error));

    expect(await failing({ fromCursor: { stream: 'users', sequence: 1 } })).toBe('INVALID_INPUT');
    expect(await failing({ fromCursor: { sequence: 3 } })).toBe('INVALID_INPUT');
    expect(await failing({ fromCursor: { timestamp: Date.now() + 3_600_000 } })).toBe('INVALID_INPUT');
    const database = new DatabaseSync(join(folder, 'log.db'));
    database.exec('DELETE FROM log_chunks WHERE first = 1');
    database.close();
    expect(await failing({ fromCursor: { sequence: 0 } })).toBe('CURSOR_EXPIRED');
    expect(await failing({ fromCursor: { timestamp: 0 } })).toBe('CURSOR_EXPIRED');
    expect(await documents(log)).toEqual(['2']);
    expect(await documents(log, { fromCursor: { sequence: 1 } })).toEqual(['2']);
  });

  it('is followed from its history into what comes, without a gap or a double, until it is closed', async () => {
    const [log, other] = [open(), open()];
    for (let n = 1; n <= 30; n++) await log.emit('INSERT', 'orders', String(n));
    const seen: number[] = [];
    const following = (async () => {
      for await (const { events } of log.replay({ follow: true, batchSize: 7 })) seen.push(...events.map(({ sequence }) => sequence));
    })();
    await Promise.all(Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? log : other).emit('INSERT', 'orders', String(31 + n))));
    await expect.poll(() => seen.length).toBe(70);
    await log.emit('INSERT', 'orders', '71');
    await expect.poll(() => seen.length).toBe(71);

    await log.close();
    await following;
    expect(seen).toEqual(Array.from({ length: 71 }, (_, n) => n + 1));
  });

  it('goes on for each subscriber where it saved that it was', async () => {
    const log = open();
    for (let n = 1; n <= 5; n++) await log.emit('INSERT', 'orders', String(n));
    const [, second] = await batchesOf(log, { batchSize: 2 });
    if (!second) throw new Error('there are three');
    await log.saveCheckpoint('mailer', second.cursor);
    await log.saveCheckpoint('search', { stream: 'orders', sequence: 1, timestamp: 1 });

    const again = open();
    const saved = await again.getCheckpoint('mailer');
    expect(await documents(again, { fromCursor: saved?.cursor ?? 'earliest' })).toEqual(['5']);
    expect((await again.listCheckpoints()).map(({ subscriberId, cursor }) => [subscriberId, cursor.sequence])).toEqual([
      ['mailer', 4],
      ['search', 1],
    ]);
    await expect(again.saveCheckpoint('mailer', { ...second.cursor, sequence: 3 })).rejects.toMatchObject({ code: 'CHECKPOINT_BEHIND' });
    expect((await again.saveCheckpoint('mailer', { ...second.cursor, sequence: 3 }, { force: true })).cursor.sequence).toBe(3);
    expect(await again.getCheckpoint('nobody')).toBeNull();
  });

  it.each([
    [{ batchSize: 0 }, 'batchSize'],
    [{ durability: 'maybe' }, 'durability'],
    [{ bachSize: 10 }, 'bachSize'],
    [{ stream: '' }, 'stream'],
  ])('refuses %o by the name of the field', (config, field) => {
    expect(() => open(config as Partial<ChangeLogConfig>)).toThrow(new RegExp(field));
  });

  it('holds everything that was told stored when its process is killed', { timeout: 20_000 }, async () => {
    const script = join(folder, 'emit.ts');
    writeFileSync(
      script,
      `import { createChangeLog } from ${JSON.stringify(MODULE)};
       const log = createChangeLog({ database: ${JSON.stringify(join(folder, 'log.db'))}, stream: 'orders' });
       for (let n = 1; ; n++) for (const one of await Promise.all([0, 1, 2].map((m) => log.emit('INSERT', 'orders', String(n * 3 + m))))) console.log(one.id, one.sequence);`,
    );
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const told: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      told.push(line);
      if (told.length === 60) child.kill('SIGKILL');
    }
    if (child.signalCode === null) await once(child, 'exit');

    const events = await all(open());
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    for (const line of told.filter((whole) => /^\S+ \d+$/.test(whole))) {
      const [id, sequence] = line.split(' ');
      expect(events[Number(sequence) - 1]?.id).toBe(id);
    }
    await open().emit('INSERT', 'orders', 'after');
  });
});
