/** How far a route was replicated when somebody last looked: kept with the control record, for the day its own state cannot be asked. */

export interface Watermark {
  readonly route: string;
  /** When this was so, ms since the epoch. */
  readonly at: number;
  /** Every change that happened before has crossed, or stands among the failed, ms since the epoch; null: nobody could tell. */
  readonly through: number | null;
  /** Changes on their way, at most: what lies in the queue tells no route, and counts for each. */
  readonly open: number;
  /** When the oldest that ended as an error happened, ms since the epoch; null: none did. */
  readonly failedSince: number | null;
}

/** Which changes may not have crossed. */
export interface Crossing extends Watermark {
  /** How old this knowledge is, ms: what happened since is not in it. */
  readonly ageMs: number;
}

export function crossing(watermark: Watermark, now: number): Crossing {
  return { ...watermark, ageMs: Math.max(0, now - watermark.at) };
}

/**
 * Why objects would be old at the other region, in words for people; null: all that had happened by then has crossed.
 * @param since ms since the epoch, by the clock that measures
 */
export function behind(since: number, { at, through, open, failedSince }: Watermark): string | null {
  if (open > 0 && through === null) return `${open} changes at most are still on their way, since nobody knows when`;
  if (open > 0 && through !== null && through < since) {
    return `the changes since ${new Date(through).toISOString()} are still on their way (${open} at most, lag ${Math.ceil((at - through) / 1000)} s)`;
  }
  return failedSince === null ? null : `changes since ${new Date(failedSince).toISOString()} ended as errors and never crossed`;
}
