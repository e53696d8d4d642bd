import { TidemarkError } from '../errors.ts';
import type { Cursor } from './cursor.ts';

/** How far a subscriber has come in one stream. */
export interface Checkpoint {
  readonly subscriberId: string;
  readonly cursor: Cursor;
  /** ms since the epoch, by the clock of who saved it. */
  readonly createdAt: number;
  readonly updatedAt: number;
  /** From 1; grows by one with every change. */
  readonly version: number;
}

/**
 * The checkpoint after a subscriber saved this cursor.
 * @param known what is stored; null: nothing
 * @returns null when that very place is stored already
 * @throws TidemarkError CHECKPOINT_BEHIND for a place before the stored one, unless forced
 */
export function moved(known: Checkpoint | null, subscriberId: string, cursor: Cursor, now: number, force: boolean): Checkpoint | null {
  if (!known) return { subscriberId, cursor, createdAt: now, updatedAt: now, version: 1 };
  if (cursor.sequence === known.cursor.sequence) return null;
  if (cursor.sequence < known.cursor.sequence && !force) throw behind(known, cursor);
  return { ...known, cursor, updatedAt: Math.max(now, known.updatedAt), version: known.version + 1 };
}

function behind({ subscriberId, cursor: { stream, sequence } }: Checkpoint, wanted: Cursor): TidemarkError {
  return new TidemarkError(
    'CHECKPOINT_BEHIND',
    `the checkpoint of ${subscriberId} in ${stream} stands at ${sequence}, and ${wanted.sequence} lies before it`,
    { stream, subscriberId, stands: sequence, wanted: wanted.sequence },
  );
}
