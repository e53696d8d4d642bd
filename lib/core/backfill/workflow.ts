/**
 * The steps of a backfill, and of whatever else walks both listings, the same on AWS (Step Functions) and embedded (lib/local): both read these rules and call one handler.
 *
 *   plan ──► walk each range, again and again, until it is done ──► report (ends a verify or repair; a backfill was ended by its last range)
 *     └── fails for good ──► fail ◄── fails for good ──┘ ◄── fails for good ──┘
 */

/** What a walk says of its range (usecases/backfill/walk.ts); `later`: an endpoint is out of reach, which heals without anyone. */
export const WALK_STATES = ['done', 'more', 'full', 'later', 'stopped'] as const;
export type WalkState = (typeof WALK_STATES)[number];

/** What follows: `null` ends the range, otherwise it is walked again, after a while where there is one to wait for. */
export const AFTER_WALK: Readonly<Record<WalkState, 'now' | 'later' | null>> = {
  done: null,
  stopped: null,
  more: 'now',
  full: 'later',
  later: 'later',
};

/** A step that throws is tried again, each time after twice as long; then the backfill fails, and can be resumed. */
export const STEP_RETRIES = { attempts: 6, firstSec: 2, factor: 2 } as const;

export function retryDelaySec(failures: number): number {
  return STEP_RETRIES.firstSec * STEP_RETRIES.factor ** (failures - 1);
}

export type BackfillStep =
  | { readonly action: 'plan'; readonly id: string }
  | { readonly action: 'walk'; readonly id: string; readonly index: number }
  | { readonly action: 'report'; readonly id: string }
  /** By the clock: no job is named, since it starts those that are due. */
  | { readonly action: 'schedule' }
  | { readonly action: 'fail'; readonly id: string; readonly code: string; readonly cause: string };
