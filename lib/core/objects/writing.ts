/**
 * A write of a bidirectional route, announced in the record before it is sent. Whether it landed is seen later from what stands there,
 * once it can no longer land (R8): so a copy that a dead worker left behind is not taken for a user's write.
 */
import type { Side } from '../change.ts';
import type { Conflict } from './conflict.ts';
import { type SideState, stateOf } from './pair.ts';
import type { Checksum, Sight } from './sight.ts';

/** What is carried, with all that tells its bytes apart from others. */
export interface Carried extends SideState {
  readonly md5?: string;
  readonly checksum?: Checksum;
}

export interface Writing {
  readonly to: Side;
  /** What is copied; null: what stands at `to` is removed. */
  readonly source: Carried | null;
  /** Of a removal: what stood at the other side until it was deleted there, which no pair may know yet. */
  readonly gone?: SideState;
  /** What the write is conditioned on; null: nothing stands there. */
  readonly before: SideState | null;
  /** What is given up by it. It counts once the write may have happened. */
  readonly loser?: Conflict;
  /** Short ids of that side's events that were known already: those that come later may tell what became of it. Clocks could not say that. */
  readonly told: readonly string[];
  readonly at: number;
}

export function carriedOf(sight: Sight): Carried {
  const { md5, checksum } = sight;
  return { ...stateOf(sight), ...(md5 === undefined ? {} : { md5 }), ...(checksum === undefined ? {} : { checksum }) };
}
