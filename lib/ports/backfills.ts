import type { RouteClaims } from '../core/backfill/claims.ts';
import type { BackfillJob } from '../core/backfill/job.ts';
import type { JobKind } from '../core/backfill/mode.ts';
import type { Settled } from '../core/backfill/progress.ts';
import type { RangeProgress } from '../core/backfill/range-progress.ts';

/** Every `put…` is a compare-and-swap as ReplicationState.put; every read is strongly consistent. */
export interface BackfillJobs {
  get(id: string): Promise<BackfillJob | null>;
  put(job: BackfillJob, expected: number): Promise<boolean>;
  /** Those of these kinds, the newest first; `before`: only those that are older than this id. */
  list(kinds: readonly JobKind[], limit: number, before?: string): Promise<readonly BackfillJob[]>;
  /** By index. */
  ranges(job: string): Promise<readonly RangeProgress[]>;
  putRange(range: RangeProgress, expected: number): Promise<boolean>;
  /**
   * Has the job, its ranges and what was counted of it removed at some time after this one, ms since the epoch; null: it is kept.
   * One that is not there stays so.
   */
  expire(job: string, at: number | null): Promise<void>;
  claims(route: string): Promise<RouteClaims>;
  putClaims(claims: RouteClaims, expected: number): Promise<boolean>;
}

/** Counts what became of a backfill's messages: once a batch, so that a worker which is killed leaves some uncounted. */
export interface BackfillTally {
  add(job: string, settled: Settled): Promise<void>;
  read(job: string): Promise<Settled>;
}
