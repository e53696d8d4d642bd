import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FolderTableFiles } from '../../../lib/adapters/filesystem/table-files.ts';
import type { StoredEvent } from '../../../lib/core/iceberg/envelope.ts';
import { archive } from '../../../lib/usecases/iceberg/archive.ts';
import { readTable } from '../../../lib/usecases/iceberg/read.ts';
import { streamOf, tableDeps } from '../../fixtures/archive-events.ts';
import { READERS_PYTHON, readersAvailable } from '../../fixtures/iceberg-readers.ts';
import { atLeast, type Bench, type Run, type Scale } from '../support/result.ts';
import { interleaved, rate, whole } from '../support/rounds.ts';
import { cpuMsOf, peakRssMibOf } from '../support/usage.ts';

const EVENTS: Readonly<Record<Scale, number>> = { small: 50_000, full: 500_000 };
const ROUNDS = 3;
const GOAL = 100_000;
const START = Date.UTC(2026, 2, 3);
const [WRITES, READS, DUCKDB] = ['Tidemark, to Parquet', 'Tidemark, read back', 'DuckDB COPY … TO PARQUET'] as const;

/** From arrays in DuckDB's memory to a Parquet file with zstd, one thread; the loading of the rows is not counted. */
const COPY = `
import duckdb, sys, time, json
connection = duckdb.connect()
connection.execute("SET threads = 1")
connection.execute(f"CREATE TABLE events AS SELECT * REPLACE (make_timestamptz(timestamp) AS timestamp, make_timestamptz(stored) AS stored) FROM read_json('{sys.argv[1]}', columns = {{id: 'VARCHAR', operation: 'VARCHAR', collection: 'VARCHAR', \\"documentId\\": 'VARCHAR', timestamp: 'BIGINT', sequence: 'BIGINT', stored: 'BIGINT', source: 'VARCHAR', \\"correlationId\\": 'VARCHAR', \\"changedFields\\": 'VARCHAR[]', before: 'VARCHAR', after: 'VARCHAR'}})")
started, cpu = time.perf_counter(), time.process_time()
connection.execute(f"COPY events TO '{sys.argv[2]}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 32768)")
print(json.dumps({"seconds": time.perf_counter() - started, "cpuMs": (time.process_time() - cpu) * 1000}))
`;

export const logArchive: Bench = {
  name: 'log-archive',
  run: async ({ scale, say }) => {
    const count = EVENTS[scale];
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-archive-'));
    try {
      const events = Array.from({ length: count }, (_, at) => eventOf(at + 1));
      const lines = join(folder, 'events.jsonl');
      writeFileSync(lines, events.map(rowOf).join('\n'));
      const table = join(folder, 'table');
      const copied = join(folder, 'duckdb.parquet');
      const write = () => {
        rmSync(table, { recursive: true, force: true });
        return archive(tableDeps(new FolderTableFiles(table)), { stream: 'bench', events: streamOf(events) });
      };
      const contenders = [
        { name: WRITES, run: () => timed(write) },
        { name: READS, run: () => timed(() => readAll(table, count)) },
        ...(readersAvailable() ? [{ name: DUCKDB, run: async () => duckdb(lines, copied) }] : []),
      ];
      const runs = await interleaved(contenders, ROUNDS, say);
      const each = (name: string) => rate(runs, name, count);
      const ours = each(WRITES);
      const theirs = each(DUCKDB);
      const size = await bytesOf(table);
      const gzipped = gzipSync(events.map(({ event }) => JSON.stringify(event)).join('\n')).length;
      const cells = (name: string) => {
        const perSecond = each(name);
        const bytes = name === DUCKDB ? statSync(copied).size : size;
        return perSecond === null ? [] : [[name, whole(perSecond), name === READS ? '' : (bytes / count).toFixed(1)]];
      };
      return {
        title: 'The archive: events to Parquet',
        what: `${whole(count)} events of about 300 bytes of JSON, in commits of 100,000 rows, on the disk, synced; DuckDB with one thread writes the same rows from its memory to one file, unsynced, with no table around it; ${ROUNDS} interleaved rounds, medians.`,
        columns: ['', 'events/s', 'bytes an event'],
        rows: [...cells(WRITES), ...cells(READS), ...cells(DUCKDB), ['JSON lines, gzip', '', (gzipped / count).toFixed(1)]],
        goals: [
          { what: 'events to Parquet', goal: `≥ ${whole(GOAL)}/s`, measured: `${whole(ours ?? 0)}/s`, met: (ours ?? 0) >= GOAL },
          { what: 'events read back', goal: `≥ ${whole(GOAL)}/s`, measured: `${whole(each(READS) ?? 0)}/s`, met: (each(READS) ?? 0) >= GOAL },
          atLeast('bytes of gzip / bytes of the archive', gzipped / size, 1),
        ],
        notes: [`Tidemark writes at ${ours !== null && theirs ? (ours / theirs).toFixed(2) : '?'} times DuckDB's rate.`],
        runs,
        figures: { archivedPerSecond: ours ?? 0 },
      };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

function eventOf(sequence: number): StoredEvent {
  const after = {
    name: `Customer ${sequence % 9_973}`,
    email: `customer-${sequence % 9_973}@example.com`,
    status: ['active', 'trial', 'closed'][sequence % 3] ?? null,
    amount: ((sequence * 7919) % 100_000) / 100,
    city: ['Lisbon', 'Oslo', 'Vienna', 'Toronto'][sequence % 4] ?? null,
    note: `call ${(sequence * 2_654_435_761) % 4_294_967_296}`,
  };
  const operation = sequence % 3 ? 'INSERT' : 'UPDATE';
  const timestamp = START + sequence * 100;
  const id = `0198${sequence.toString(16).padStart(8, '0')}${((sequence * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`;
  const changed = operation === 'UPDATE' ? { changedFields: ['/amount', '/status'] } : {};
  return {
    stored: timestamp + 5,
    event: { id, operation, collection: 'customers', documentId: `customer-${sequence % 9_973}`, timestamp, sequence, after, ...changed },
  };
}

function rowOf({ event, stored }: StoredEvent): string {
  return JSON.stringify({ ...event, timestamp: event.timestamp * 1_000, stored: stored * 1_000, after: JSON.stringify(event.after) });
}

async function timed(work: () => Promise<unknown>): Promise<Run> {
  const cpu = cpuMsOf('self');
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const used = cpuMsOf('self');
  return { seconds, cpuMs: cpu === null || used === null ? null : used - cpu, serverCpuMs: null, peakRssMib: peakRssMibOf('self') };
}

async function readAll(table: string, count: number): Promise<void> {
  let rows = 0;
  const { files, rows: parquet } = tableDeps(new FolderTableFiles(table));
  for await (const batch of readTable({ files, rows: parquet })) rows += batch.length;
  if (rows !== count) throw new Error(`${rows} of ${count} events came back`);
}

function duckdb(lines: string, to: string): Run {
  const { stdout, stderr, status } = spawnSync(READERS_PYTHON, ['-c', COPY, lines, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`DuckDB ended with ${status}: ${stderr}`);
  const { seconds, cpuMs }: { readonly seconds: number; readonly cpuMs: number } = JSON.parse(stdout);
  return { seconds, cpuMs, serverCpuMs: null, peakRssMib: null };
}

async function bytesOf(table: string): Promise<number> {
  let sum = 0;
  for await (const { name, bytes } of new FolderTableFiles(table).list()) if (name.startsWith('data/')) sum += bytes;
  return sum;
}
