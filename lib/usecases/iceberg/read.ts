/** Events out of a table in the order of the stream, whatever days they fall on, with no more files open than overlap. */

import { inOrder } from '../../core/iceberg/compaction.ts';
import type { DataFile, Range } from '../../core/iceberg/data-file.ts';
import { sequencesOf } from '../../core/iceberg/data-file.ts';
import { FIELD, type StoredEvent, toEvents } from '../../core/iceberg/envelope.ts';
import { currentSchema, type Snapshot, snapshotOf, type TableMetadata } from '../../core/iceberg/metadata.ts';
import type { Schema } from '../../core/iceberg/schema.ts';
import { EVERYTHING, manifestMayHold, mayHold, type Wanted } from '../../core/iceberg/wanted.ts';
import type { TableDeps } from './deps.ts';
import { broken, loadTable, nameOf, readManifest, readManifestList } from './table.ts';

export interface ReadOptions {
  /** Sequences, inclusive. */
  readonly sequences?: Range;
  /** Timestamps in ms since the epoch, inclusive. */
  readonly timestamps?: Range;
  /** The table as it was then: a snapshot's id. */
  readonly snapshot?: number;
  /** Goes on behind a data file that can't be read, and tells of it. Left out: such a file ends the reading. */
  readonly onBroken?: (error: Error, missing: Range) => void;
}

type Reading = Pick<TableDeps, 'files' | 'rows'>;
const MICROS = 1_000;

/**
 * Batches of at most a row group.
 * @throws TidemarkError ARCHIVE_BROKEN naming the file
 */
export async function* readTable(deps: Reading, options: ReadOptions = {}): AsyncGenerator<readonly StoredEvent[]> {
  const { sequences = EVERYTHING.sequences, timestamps, onBroken } = options;
  const wanted: Wanted = {
    sequences,
    timestamps: timestamps ? { from: timestamps.from * MICROS, to: timestamps.to * MICROS } : EVERYTHING.timestamps,
  };
  const table = await loadTable(deps.files);
  const snapshot = table && snapshotOf(table.metadata, options.snapshot);
  if (!table || !snapshot) return;
  const { metadata } = table;
  const files = (await liveFiles(deps.files, metadata, snapshot, wanted)).filter((file) => mayHold(file, wanted));
  const schema = currentSchema(metadata);
  const days = [...Map.groupBy(files, ({ day }) => day).values()].map(
    (some) => new DayReader(inOrder(some), (file) => decoded(deps, metadata, schema, file, wanted, onBroken)),
  );
  yield* merged(days);
}

/** Files that the snapshot holds, of those manifests that may name one that is wanted. */
export async function liveFiles(
  files: TableDeps['files'],
  metadata: TableMetadata,
  snapshot: Snapshot,
  wanted: Wanted = EVERYTHING,
): Promise<readonly DataFile[]> {
  const live: DataFile[] = [];
  for (const manifest of await readManifestList(files, metadata, snapshot)) {
    if (!manifestMayHold(manifest, wanted)) continue;
    for (const { status, file } of await readManifest(files, metadata, manifest)) if (status !== 'deleted') live.push(file);
  }
  return live;
}

async function* decoded(
  { files, rows }: Reading,
  metadata: TableMetadata,
  schema: Schema,
  file: DataFile,
  { sequences, timestamps }: Wanted,
  onBroken: ReadOptions['onBroken'],
): AsyncGenerator<readonly StoredEvent[]> {
  const name = nameOf(metadata, file.path);
  const isWanted = ({ event }: StoredEvent) =>
    event.sequence >= sequences.from &&
    event.sequence <= sequences.to &&
    event.timestamp * MICROS >= timestamps.from &&
    event.timestamp * MICROS <= timestamps.to;
  let after = sequencesOf(file).from - 1;
  try {
    const part = {
      size: file.bytes,
      read: async (start: number, end: number) => {
        const bytes = await files.get(name, { start, end });
        if (bytes?.length !== end - start) throw new Error(bytes ? 'it is shorter than its manifest says' : 'it is not there');
        return bytes;
      },
    };
    const ranges = new Map([
      [FIELD.sequence, sequences],
      [FIELD.timestamp, timestamps],
    ]);
    for await (const columns of rows.decode(part, schema, ranges)) {
      const events = toEvents(columns);
      after = events.at(-1)?.event.sequence ?? after;
      yield events.filter(isWanted);
    }
  } catch (error) {
    const named = broken(name, error);
    if (!onBroken) throw named;
    onBroken(named, { from: after + 1, to: sequencesOf(file).to });
  }
}

/** The files of one day, one after the other, each opened when its turn comes. */
class DayReader {
  readonly #files: readonly DataFile[];
  readonly #open: (file: DataFile) => AsyncGenerator<readonly StoredEvent[]>;
  #next = 0;
  #current: AsyncGenerator<readonly StoredEvent[]> | undefined;
  #held: readonly StoredEvent[] = [];

  constructor(files: readonly DataFile[], open: (file: DataFile) => AsyncGenerator<readonly StoredEvent[]>) {
    this.#files = files;
    this.#open = open;
  }

  /** No event of this day that is still to come has a smaller sequence; infinite at its end. */
  get from(): number {
    const first = this.#held[0];
    if (first) return first.event.sequence;
    const file = this.#files[this.#next];
    return this.#current ? Number.NEGATIVE_INFINITY : file ? sequencesOf(file).from : Number.POSITIVE_INFINITY;
  }

  get opened(): boolean {
    return this.#held.length > 0;
  }

  /** Makes `from` exact. */
  async advance(): Promise<void> {
    while (this.#held.length === 0) {
      const file = this.#files[this.#next];
      if (!this.#current) {
        if (!file) return;
        this.#next++;
        this.#current = this.#open(file);
      }
      const { done, value } = await this.#current.next();
      if (done) this.#current = undefined;
      else this.#held = value;
    }
  }

  /** What lies before `limit`. */
  take(limit: number): readonly StoredEvent[] {
    const end = this.#held.findIndex(({ event }) => event.sequence >= limit);
    const taken = end < 0 ? this.#held : this.#held.slice(0, end);
    this.#held = end < 0 ? [] : this.#held.slice(end);
    return taken;
  }

  async close(): Promise<void> {
    await this.#current?.return(undefined);
  }
}

async function* merged(days: DayReader[]): AsyncGenerator<readonly StoredEvent[]> {
  try {
    for (;;) {
      const [first, second] = days.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
      if (!first || first.from === Number.POSITIVE_INFINITY) return;
      if (!first.opened) await first.advance();
      else yield first.take(second?.from ?? Number.POSITIVE_INFINITY);
    }
  } finally {
    for (const day of days) await day.close();
  }
}
