/**
 * How far the events of one stream have come into the stream above it.
 *
 *   resting ── begun ──► under way ── ended ──► resting      some of the events go up; whoever finds them under way goes on with the same
 *   resting ───────── ended ──────────────────► resting      none of them does
 */
import { NO_WINDOWS, type Windows } from './window.ts';

export interface Hop {
  readonly from: string;
  readonly to: string;
  /** Of the record: each write of it is a compare-and-swap. 0: it was never written. */
  readonly version: number;
  /** Events of `from` up to this sequence are in `to`, parked or left out. */
  readonly through: number;
  readonly windows: Windows;
  /** Events that are on their way, and may be there already. */
  readonly underWay: UnderWay | null;
}

export interface UnderWay {
  /** The last sequence of `from` that belongs to them; they begin behind `through`. */
  readonly last: number;
  /** The end of `to`, and of where its events are parked, when they set out: none of them lies before it. */
  readonly tail: number;
  readonly parkedTail: number;
  /** When nothing more had come, ms since the epoch: windows end by it too. Absent: more had come. */
  readonly restedAt?: number;
}

export function newHop(from: string, to: string): Hop {
  return { from, to, version: 0, through: 0, windows: NO_WINDOWS, underWay: null };
}

/** Written before the first of them is appended. */
export function begun(hop: Hop, underWay: UnderWay): Hop {
  return { ...hop, version: hop.version + 1, underWay };
}

/** Written once all of them are in `to`, or none of them goes there. @param windows as they are behind the last of them */
export function ended(hop: Hop, through: number, windows: Windows): Hop {
  return { ...hop, version: hop.version + 1, through, windows, underWay: null };
}
