/** Tables as a whole, on folders and in memory. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FolderTableFiles } from '../../../lib/adapters/filesystem/table-files.ts';
import type { StoredEvent } from '../../../lib/core/iceberg/envelope.ts';
import { snapshotOf } from '../../../lib/core/iceberg/metadata.ts';
import { ORPHAN_MIN_AGE_MS } from '../../../lib/core/iceberg/orphans.ts';
import type { TableFiles } from '../../../lib/ports/table-files.ts';
import { archive } from '../../../lib/usecases/iceberg/archive.ts';
import { compactTable } from '../../../lib/usecases/iceberg/compact.ts';
import { type ReadOptions, readTable } from '../../../lib/usecases/iceberg/read.ts';
import { loadTable, readManifestList } from '../../../lib/usecases/iceberg/table.ts';
import { expireSnapshots, removeOrphans } from '../../../lib/usecases/iceberg/upkeep.ts';
import { NOON, someEvents, streamOf, tableDeps } from '../../fixtures/archive-events.ts';
import { MemoryTableFiles } from '../../fixtures/memory-table-files.ts';

const STREAM = 'https://crm.example/acme';
const DAY_MS = 86_400_000;
const SMALL = { targetBytes: 1 << 20, minFiles: 2, maxManifests: 2 };

let files: MemoryTableFiles;
let now: number;
beforeEach(() => {
  now = NOON;
  files = new MemoryTableFiles(() => now);
});

async function read(options: ReadOptions = {}, from: TableFiles = files): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for await (const batch of readTable(tableDeps(from), options)) found.push(...batch);
  return found;
}

const fill = (events: readonly StoredEvent[], rowsPerCommit = 100) =>
  archive(
    tableDeps(files, () => now),
    { stream: STREAM, events: streamOf(events), rowsPerCommit },
  );
const dataFiles = () => [...files.held.keys()].filter((name) => name.startsWith('data/'));
const sequences = (events: readonly StoredEvent[]) => events.map(({ event }) => event.sequence);

describe('an archive', () => {
  it('gives back every event as it was, in the order of the stream', async () => {
    const events = someEvents(500, { hours: 100 });

    expect(await fill(events, 130)).toEqual({ through: 500, rows: 500, commits: 4 });

    expect(await read()).toEqual(events);
    expect(await fill(events)).toEqual({ through: 500, rows: 0, commits: 0 });
  });

  it('keeps every time that a clock may show, null apart from nothing, and what UTF-16 allows in JSON', async () => {
    const times = [0, 1, NOON, 9_007_199_254_741, 253_402_300_799_999, 8_640_000_000_000_000, -1];
    const [one] = someEvents(1);
    if (!one) throw new Error('no event');
    const { before: _before, ...event } = { before: undefined, ...one.event };
    const odd = times.map((timestamp, at) => ({
      ...one,
      event: { ...event, timestamp, sequence: at + 1, ...(at % 2 ? { before: null } : {}), after: ['\ud800', -0.5] },
    }));
    await fill(odd);

    expect(await read()).toEqual(odd);
    expect(dataFiles().some((name) => name.startsWith('data/year=1969/month=12/day=31/'))).toBe(true);
  });

  it('begins where the stream begins, and goes on where it ended', async () => {
    await fill(someEvents(40, { first: 1_000 }));
    await fill(someEvents(60, { first: 1_000 }));

    expect(sequences(await read())).toEqual(Array.from({ length: 60 }, (_, at) => 1_000 + at));
  });

  it('refuses a stream that lost events, and keeps what was before them', async () => {
    const events = someEvents(50);
    await fill(events.slice(0, 10));

    await expect(fill(events.slice(20))).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN', fields: { from: 11, to: 20 } });
    expect(sequences(await read())).toEqual(sequences(events.slice(0, 10)));
  });

  it('loses and doubles nothing when several write, compact and expire at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-rivals-'));
    try {
      const events = someEvents(120, { hours: 30 });
      const own = () => tableDeps(new FolderTableFiles(folder));
      const writer = () => archive(own(), { stream: STREAM, events: streamOf(events), rowsPerCommit: 15 });

      const written = await Promise.all([writer(), writer(), compactTable(own(), SMALL), writer()]);
      await Promise.all([compactTable(own(), SMALL), expireSnapshots(own(), 0), compactTable(own(), SMALL)]);

      expect(written.reduce((sum, one) => sum + ('rows' in one ? one.rows : 0), 0)).toBe(120);
      expect(await read({}, new FolderTableFiles(folder))).toEqual(events);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('a reader', () => {
  it('takes ranges of sequences and of time', async () => {
    const events = someEvents(300, { hours: 72 });
    await fill(events, 90);
    const [from, to] = [NOON + DAY_MS, NOON + 2 * DAY_MS];

    expect(await read({ sequences: { from: 85, to: 181 } })).toEqual(events.slice(84, 181));
    expect(await read({ timestamps: { from, to } })).toEqual(events.filter(({ event }) => event.timestamp >= from && event.timestamp <= to));
    expect(await read({ sequences: { from: 301, to: 400 } })).toEqual([]);
  });

  it('reads of a day in a year of days about what the day holds', async () => {
    const events = Array.from({ length: 365 * 8 }, (_, at) => {
      const [one] = someEvents(1, { first: at + 1 });
      if (!one) throw new Error('no event');
      return { ...one, event: { ...one.event, timestamp: NOON - DAY_MS / 2 + Math.floor(at / 8) * DAY_MS + (at % 8) } };
    });
    await fill(events, 365 * 8);
    const day = NOON - DAY_MS / 2 + 100 * DAY_MS;
    const [file = ''] = dataFiles().filter((name) => name.includes('month=06/day=11'));
    const manifests = [...files.held].filter(([name]) => name.startsWith('metadata/')).reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
    files.bytesRead = 0;

    expect(await read({ timestamps: { from: day, to: day + DAY_MS - 1 } })).toEqual(events.slice(800, 808));
    expect(dataFiles()).toHaveLength(365);
    expect(files.bytesRead).toBeLessThan(manifests + 2 * (files.held.get(file)?.bytes.length ?? 0));
  });

  it('leaves row groups unread that hold nothing wanted', async () => {
    const large = () => randomBytes(30_000).toString('base64');
    const events = someEvents(420, { hours: 1 }).map((one) => ({ ...one, event: { ...one.event, before: null, after: large() } }));
    await fill(events, 420);
    const [{ bytes: whole } = { bytes: new Uint8Array() }] = [...files.held].filter(([name]) => name.startsWith('data/')).map(([, file]) => file);
    files.bytesRead = 0;

    expect(sequences(await read({ sequences: { from: 418, to: 420 } }))).toEqual([418, 419, 420]);
    expect(files.bytesRead).toBeLessThan(0.6 * whole.length);
  });

  it('names a file that is damaged, and goes on behind it only when told to', async () => {
    const events = someEvents(90, { hours: 4 });
    await fill(events, 30);
    const [, damaged = '', missing = ''] = dataFiles();
    const bytes = files.held.get(damaged)?.bytes ?? new Uint8Array();
    bytes.fill(0xab, 100, 400);
    files.held.delete(missing);
    const told: unknown[] = [];

    await expect(read()).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN', fields: { file: damaged } });
    const rest = await read({ onBroken: (error, range) => told.push([error.message.includes(damaged) || error.message.includes(missing), range]) });

    expect(sequences(rest)).toEqual(sequences(events.slice(0, 30)));
    expect(told).toEqual([
      [true, { from: 31, to: 60 }],
      [true, { from: 61, to: 90 }],
    ]);
  });

  it.each(['v2.metadata.json', '-m0.avro', 'snap-'])('names %s when it is damaged', async (part) => {
    await fill(someEvents(10));
    const [name = ''] = [...files.held.keys()].filter((one) => one.includes(part));
    files.held.set(name, { bytes: (files.held.get(name)?.bytes ?? new Uint8Array()).slice(0, -20), modified: now });

    await expect(read()).rejects.toMatchObject({ code: 'ARCHIVE_BROKEN', fields: { file: name } });
  });

  it('sees the newest version whatever the hint says', async () => {
    const events = someEvents(40);
    await fill(events, 10);

    for (const hint of ['1', '999', 'nonsense', undefined]) {
      if (hint === undefined) files.held.delete('metadata/version-hint.text');
      else files.held.set('metadata/version-hint.text', { bytes: new TextEncoder().encode(hint), modified: now });
      expect((await loadTable(files))?.version).toBe(5);
    }
  });
});

describe('upkeep', () => {
  it('merges small files of a day, and keeps every event and its place', async () => {
    const events = someEvents(400, { hours: 40 });
    await fill(events, 20);
    const before = (await loadTable(files))?.metadata['current-snapshot-id'];

    const { from, to } = await compactTable(
      tableDeps(files, () => now),
      SMALL,
    );

    expect(from).toBeGreaterThan(20);
    expect(to).toBe(3);
    const { metadata } = (await loadTable(files)) ?? {};
    const current = metadata && snapshotOf(metadata);
    expect(metadata && current && (await readManifestList(files, metadata, current)).length).toBe(1);
    expect(await read()).toEqual(events);
    expect(await read({ snapshot: before ?? 0 })).toEqual(events);
    expect(
      await compactTable(
        tableDeps(files, () => now),
        SMALL,
      ),
    ).toEqual({ from: 0, to: 0 });
  });

  it('merges small manifests where there are many, and a day is found all the same', async () => {
    const events = someEvents(70, { hours: 24 * 7 }).map((one, at) => {
      const day = Math.min(5, Math.floor(at / 10));
      return { ...one, event: { ...one.event, timestamp: NOON + day * DAY_MS + at } };
    });
    await fill(events, 10);
    const count = async () => {
      const { metadata } = (await loadTable(files)) ?? {};
      const current = metadata && snapshotOf(metadata);
      return metadata && current ? (await readManifestList(files, metadata, current)).length : 0;
    };
    expect(await count()).toBe(7);

    expect(await compactTable(tableDeps(files), { ...SMALL, maxManifests: 7 })).toEqual({ from: 2, to: 1 });
    expect(await count()).toBe(6);
    await fill([...events, ...someEvents(1, { first: 71 })]);
    expect(await compactTable(tableDeps(files), SMALL)).toEqual({ from: 2, to: 1 });

    expect(await count()).toBe(1);
    expect((await read()).slice(0, 70)).toEqual(events);
    expect(await read({ timestamps: { from: NOON + 2 * DAY_MS, to: NOON + 2 * DAY_MS + 1_000 } })).toEqual(events.slice(20, 30));
  });

  it('forgets old snapshots, and then removes what none names, but nothing young', async () => {
    const events = someEvents(100, { hours: 20 });
    await fill(events, 20);
    now += DAY_MS;
    await compactTable(
      tableDeps(files, () => now),
      SMALL,
    );
    const deps = tableDeps(files, () => now);

    expect(await removeOrphans(deps, ORPHAN_MIN_AGE_MS)).toEqual([]);
    expect(await expireSnapshots(deps, DAY_MS / 2)).toBe(5);
    await files.put('data/year=2026/month=03/day=03/of-the-dead.parquet.tmp', new Uint8Array(9), 'any');
    const removed = await removeOrphans(deps, ORPHAN_MIN_AGE_MS);

    expect(removed.filter((name) => name.startsWith('data/')).length).toBeGreaterThanOrEqual(5);
    expect(removed.some((name) => name.includes('of-the-dead') || name.includes('.metadata.json'))).toBe(false);
    expect(await read()).toEqual(events);
    await fill(someEvents(130, { hours: 20 }));
    expect((await read()).length).toBe(130);
    now += DAY_MS;
    expect(await removeOrphans(deps, ORPHAN_MIN_AGE_MS)).toEqual(['data/year=2026/month=03/day=03/of-the-dead.parquet.tmp']);
  });

  it('refuses an age at which files of a commit under way would be taken for orphans', async () => {
    await expect(removeOrphans(tableDeps(files), ORPHAN_MIN_AGE_MS - 1)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(removeOrphans(tableDeps(files), Number.NaN)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});
