/** Tables of the archive as others read them, and as we read them: they agree. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { icebergRead } from 'icebird';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderTableFiles } from '../../lib/adapters/filesystem/table-files.ts';
import type { DeclaredColumn } from '../../lib/core/iceberg/declared.ts';
import type { StoredEvent } from '../../lib/core/iceberg/envelope.ts';
import type { TableFiles } from '../../lib/ports/table-files.ts';
import { archive } from '../../lib/usecases/iceberg/archive.ts';
import { compactTable } from '../../lib/usecases/iceberg/compact.ts';
import { readTable } from '../../lib/usecases/iceberg/read.ts';
import { loadTable } from '../../lib/usecases/iceberg/table.ts';
import { evolveTable } from '../../lib/usecases/iceberg/upkeep.ts';
import { NOON, someEvents, streamOf, tableDeps } from '../fixtures/archive-events.ts';
import { type AllSeen, readByOthers, readersAvailable, type SeenRow, servedByHttp } from '../fixtures/iceberg-readers.ts';

const STREAM = 'https://crm.example/acme';
const COUNT = 3_000;
const EVENTS = someEvents(COUNT, { hours: 60 });
const NARROW: DeclaredColumn = { collection: 'things', field: 'quantity', column: 'quantity', type: 'int' };
const WIDE: DeclaredColumn = { ...NARROW, type: 'long', column: 'amount' };
const PRICE: DeclaredColumn = { collection: 'things', field: 'price', column: 'price', type: 'double' };

/** Commits, a compaction, more commits; then another schema, and commits under it. */
async function fill(files: TableFiles): Promise<void> {
  const deps = tableDeps(files);
  const until = (count: number) => streamOf(EVENTS.slice(0, count));
  await archive(deps, { stream: STREAM, events: until(1_000), rowsPerCommit: 200, columns: [NARROW] });
  await compactTable(deps);
  await archive(deps, { stream: STREAM, events: until(1_500), rowsPerCommit: 500, columns: [NARROW] });
  await evolveTable(deps, STREAM, [
    { kind: 'rename', name: 'quantity', to: 'amount' },
    { kind: 'widen', name: 'amount', type: 'long' },
  ]);
  await archive(deps, { stream: STREAM, events: until(COUNT), rowsPerCommit: 700, columns: [WIDE, PRICE] });
}

function expected({ event, stored }: StoredEvent): SeenRow {
  const { before, after } = event;
  const document = after ?? before ?? null;
  const field = (name: string) =>
    event.collection === 'things' && typeof document === 'object' && document !== null ? (new Map(Object.entries(document)).get(name) ?? null) : null;
  return {
    id: event.id,
    operation: event.operation,
    collection: event.collection,
    documentId: event.documentId,
    timestamp: event.timestamp * 1_000,
    sequence: event.sequence,
    stored: stored * 1_000,
    source: event.source ?? null,
    correlationId: event.correlationId ?? null,
    changedFields: event.changedFields ?? null,
    before: before === undefined ? null : JSON.stringify(before),
    after: after === undefined ? null : JSON.stringify(after),
    amount: field('quantity'),
    // Declared later: rows that were there have none.
    price: event.sequence > 1_500 ? field('price') : null,
  };
}

const ROWS = EVENTS.map(expected);
const DAY = EVENTS.filter(({ event }) => new Date(event.timestamp).toISOString().startsWith('2026-03-04')).map(({ event }) => event.sequence);

describe.skipIf(!readersAvailable())('a table of the archive, read by others', () => {
  let folder: string;
  let files: FolderTableFiles;
  let seen: AllSeen;
  let counts: Readonly<Record<string, number>>;
  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'tidemark-readers-')), 'tables', 'https~3a~2f~2fcrm.example~2facme');
    files = new FolderTableFiles(folder);
    await fill(files);
    const { snapshots } = (await loadTable(files))?.metadata ?? { snapshots: [] };
    counts = Object.fromEntries(snapshots.map((one) => [one['snapshot-id'], Number(one.summary['tidemark.through-sequence'])]));
    seen = await readByOthers(
      folder,
      snapshots.map((one) => one['snapshot-id']),
    );
  });
  afterAll(() => rm(join(folder, '../..'), { recursive: true }));

  it('has every row, as pyiceberg reads it', () => {
    expect(seen.pyiceberg.rows).toEqual(ROWS);
    expect(seen.pyiceberg.columns).toEqual(Object.keys(ROWS[0] ?? {}));
  });

  it('has every row, as DuckDB reads it, and its totals', () => {
    expect(seen.duckdb.rows).toEqual(ROWS);
    const times = EVENTS.map(({ event }) => event.timestamp * 1_000);
    expect(seen.duckdb.totals).toEqual([COUNT, 1, COUNT, Math.min(...times), Math.max(...times)]);
  });

  it('has had, at each of its snapshots, the rows up to its cursor', () => {
    expect(Object.values(counts)).toEqual([200, 400, 600, 800, 1000, 1000, 1500, 2200, 2900, 3000]);
    expect(seen.pyiceberg.snapshots).toEqual(counts);
    expect(seen.duckdb.snapshots).toEqual(counts);
  });

  it('gives a day by its partition', () => {
    expect(DAY.length).toBeGreaterThan(500);
    expect(seen.pyiceberg.day).toEqual(DAY);
    expect(seen.duckdb.day).toEqual(DAY);
    // The compacted file of that day, and those of commits after.
    expect(seen.pyiceberg.files).toBeLessThan(7);
  });

  it('has every row, as icebird reads it', async () => {
    const served = await servedByHttp(new FolderTableFiles(join(folder, '..', 'served')));
    try {
      await fill(served.files);
      const version = await readFile(join(folder, '..', 'served', 'metadata/version-hint.text'), 'utf8');
      const rows = await icebergRead({ tableUrl: served.files.location, metadataFileName: `v${version}.metadata.json` });
      const told = rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cell(value)])));
      expect(told.toSorted((a, b) => Number(a.sequence) - Number(b.sequence))).toEqual(ROWS);
    } finally {
      await served.close();
    }
  });

  it('has every event, as our own reader gives it', async () => {
    const read: StoredEvent[] = [];
    for await (const batch of readTable({ files, rows: tableDeps(files).rows })) read.push(...batch);
    expect(read).toEqual(EVENTS);
    expect(read[0]?.stored).toBe(NOON + 1);
  });
});

function cell(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() * 1_000;
  if (typeof value === 'bigint') return Number(value);
  return value === undefined ? null : value;
}
