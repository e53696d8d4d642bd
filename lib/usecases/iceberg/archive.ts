/** Carries a stream's events into its table, from where the table ends. */
import { TidemarkError } from '../../core/errors.ts';
import type { DataFile } from '../../core/iceberg/data-file.ts';
import { changesFor, type DeclaredColumn, declaredCell, placed } from '../../core/iceberg/declared.ts';
import { type Row, rowBytes, type StoredEvent, toRow } from '../../core/iceberg/envelope.ts';
import { evolved } from '../../core/iceberg/evolve.ts';
import { currentSchema, snapshotOf, type TableVersion } from '../../core/iceberg/metadata.ts';
import { progressOf } from '../../core/iceberg/progress.ts';
import { commit, newSnapshotId, openTable } from './commit.ts';
import type { TableDeps } from './deps.ts';
import { type Shape, sequenceOf, stageRows } from './stage.ts';
import { readManifestList } from './table.ts';
import { writeSnapshot } from './write-snapshot.ts';

export interface ArchiveOptions {
  readonly stream: string;
  /**
   * The stream's events behind a sequence, in order, without a gap.
   * @param after 0 for all
   */
  readonly events: (after: number) => AsyncIterable<readonly StoredEvent[]>;
  /** Fields of documents that become columns of their own; the table gets those that it lacks. */
  readonly columns?: readonly DeclaredColumn[];
  /** Rows of one commit at most; its memory grows with it. */
  readonly rowsPerCommit?: number;
}

export interface Archived {
  /** The last sequence that the table holds, by whomever; 0 where it holds none. */
  readonly through: number;
  readonly rows: number;
  readonly commits: number;
}

const ROWS_PER_COMMIT = 100_000;
const BYTES_PER_COMMIT = 64 * 1024 * 1024;

/**
 * Ends when the events do. Whatever ends it before leaves the table at a commit's end, and the next run goes on from there.
 * @throws TidemarkError ARCHIVE_BROKEN where the events have a gap, or the table cannot be read; what the store throws
 */
export async function archive(deps: TableDeps, options: ArchiveOptions): Promise<Archived> {
  const { rowsPerCommit = ROWS_PER_COMMIT, events, stream, columns = [] } = options;
  const opened = await prepared(deps, stream, columns);
  const schema = currentSchema(opened.metadata);
  const extra = placed(schema, columns);
  const shape: Shape = { schema, declared: extra.map(({ id }) => id) };
  let through = progressOf(opened.metadata)?.through ?? 0;
  let waiting: Row[] = [];
  let [bytes, rows, commits] = [0, 0, 0];
  let last = through;
  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const made = await append(deps, shape, waiting);
      through = made.through;
      rows += made.rows;
      commits += made.rows > 0 ? 1 : 0;
      // What a rival committed meanwhile is there already.
      waiting = waiting.filter((row) => sequenceOf(row) > through);
    }
    bytes = 0;
  };
  for await (const batch of events(through)) {
    for (const one of batch) {
      const { sequence } = one.event;
      if (sequence <= last) continue;
      if (last > 0 && sequence !== last + 1) throw gap(stream, last, sequence);
      const row = [...toRow(one), ...extra.map((column) => declaredCell(column, one.event))];
      waiting.push(row);
      bytes += rowBytes(row);
      last = sequence;
      if (waiting.length >= rowsPerCommit || bytes >= BYTES_PER_COMMIT) await flush();
    }
  }
  await flush();
  return { through, rows, commits };
}

async function prepared(deps: TableDeps, stream: string, columns: readonly DeclaredColumn[]): Promise<TableVersion> {
  const opened = await openTable(deps, stream);
  if (changesFor(currentSchema(opened.metadata), columns).length === 0) return opened;
  const made = await commit(deps, deps.clock.now(), async (base) => {
    const changes = changesFor(currentSchema(base.metadata), columns);
    return changes.length > 0 ? evolved(base, changes, deps.clock.now()) : null;
  });
  // Null: a rival made the same change meanwhile.
  return made ?? openTable(deps, stream);
}

/** @param rows in the order of their sequences, without a gap @returns how far the table holds the stream now, and how many of the rows are new */
async function append(deps: TableDeps, shape: Shape, rows: readonly Row[]): Promise<{ readonly through: number; readonly rows: number }> {
  const since = deps.clock.now();
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) throw new TidemarkError('INTERNAL', 'there is nothing to append');
  const staged = await stageRows(deps, shape, rows);
  const id = newSnapshotId(deps.ids);
  let through = 0;
  const made = await commit(deps, since, async (base) => {
    const progress = progressOf(base.metadata);
    through = progress?.through ?? 0;
    if (progress && through !== sequenceOf(first) - 1) return null;
    const parent = snapshotOf(base.metadata);
    const kept = parent ? await readManifestList(deps.files, base.metadata, parent) : [];
    const next = { from: progress?.from ?? sequenceOf(first), through: sequenceOf(last) };
    return writeSnapshot(deps, base, { id, operation: 'append', progress: next, kept, entries: staged.map((file) => added(file, id)) });
  });
  return made ? { through: sequenceOf(last), rows: rows.length } : { through, rows: 0 };
}

function added(file: DataFile, snapshot: number) {
  return { status: 'added', snapshot, sequenceNumber: null, fileSequenceNumber: null, file } as const;
}

function gap(stream: string, last: number, sequence: number): TidemarkError {
  return new TidemarkError(
    'ARCHIVE_BROKEN',
    `the events of ${stream} from ${last + 1} to ${sequence - 1} are missing: they were removed before they were archived`,
    {
      stream,
      from: last + 1,
      to: sequence - 1,
    },
  );
}
