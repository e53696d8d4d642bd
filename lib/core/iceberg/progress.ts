/** How far a table holds its stream. It stands in every snapshot's summary, so that rows and cursor become visible by one and the same write. */
import { TidemarkError } from '../errors.ts';
import type { Snapshot, TableMetadata } from './metadata.ts';
import { snapshotOf } from './metadata.ts';

const FROM = 'tidemark.from-sequence';
const THROUGH = 'tidemark.through-sequence';

export interface Progress {
  /** The first sequence that was ever archived. */
  readonly from: number;
  /** The last one: every sequence between the two is in the table exactly once. */
  readonly through: number;
}

export function progressSummary({ from, through }: Progress): Readonly<Record<string, string>> {
  return { [FROM]: String(from), [THROUGH]: String(through) };
}

/**
 * Of the current snapshot.
 * @returns null while nothing was archived
 * @throws TidemarkError ARCHIVE_BROKEN where another engine committed: what it did to the rows is not known
 */
export function progressOf(metadata: TableMetadata): Progress | null {
  const snapshot = snapshotOf(metadata);
  return snapshot ? progressIn(snapshot) : null;
}

export function progressIn({ summary, 'snapshot-id': id }: Snapshot): Progress {
  const from = Number(summary[FROM]);
  const through = Number(summary[THROUGH]);
  const rows = Number(summary['total-records']);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(through)) {
    throw new TidemarkError('ARCHIVE_BROKEN', `snapshot ${id} does not say how far it holds the stream: another engine wrote to the table`, {
      snapshot: id,
    });
  }
  if (rows !== through - from + 1) {
    throw new TidemarkError('ARCHIVE_BROKEN', `snapshot ${id} holds ${rows} rows for the sequences ${from} to ${through}`, {
      snapshot: id,
      rows,
      from,
      through,
    });
  }
  return { from, through };
}
