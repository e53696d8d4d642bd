/** Answers of the API, as far as the commands read them. Times in ms since the epoch, sizes in bytes. */

export type { Health } from '../usecases/health.ts';
export type { EventPage, EventView } from '../usecases/list-events.ts';
export type { Metrics } from '../usecases/metrics.ts';

export interface RouteView {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly prefix: string;
  readonly bidirectional: boolean;
  /** Since when; null: it runs. */
  readonly paused: number | null;
  readonly deletesPaused: number | null;
  /** Until when any number of deletes runs; null: the brake watches. */
  readonly deletesAcceptedUntil: number | null;
}

export interface EstimateView {
  readonly objects: number;
  readonly bytes: number;
  readonly exact?: boolean;
}

export interface BackfillView {
  readonly id: string;
  readonly status: 'planning' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly route: string;
  /** Since when the pause of its route holds it back; null: nothing does. */
  readonly paused: number | null;
  readonly srcRegion: string | null;
  readonly dstRegion: string | null;
  readonly prefix: string;
  readonly mode: string;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly createdAt: number;
  readonly planned: number;
  readonly listed: number;
  readonly enqueued: number;
  readonly done: number;
  readonly failed: number;
  readonly waiting: number;
  readonly bytes: number;
  /** Keys a second. */
  readonly rate: number;
  readonly timeLeftMs: number | null;
}

export interface VerifyView {
  readonly id: string;
  readonly kind: 'verify' | 'repair';
  readonly status: 'running' | 'done' | 'failed' | 'cancelled';
  readonly route: string;
  readonly paused: number | null;
  readonly srcRegion: string | null;
  readonly dstRegion: string | null;
  readonly prefix: string;
  readonly deep: boolean;
  readonly counts: Readonly<Record<'equal' | DifferenceKind, number>>;
  /** Keys of either side. */
  readonly compared: number;
  readonly bytes: number;
  readonly enqueued?: number;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

export type DifferenceKind = 'missing' | 'different' | 'extra' | 'unknown';

export interface DifferenceView {
  readonly key: string;
  readonly kind: DifferenceKind;
  readonly reason: string;
}

export interface ConflictView {
  readonly id: string;
  readonly route: string;
  readonly key: string;
  readonly at: number;
  readonly winner: ConflictSide;
  readonly loser: ConflictSide;
  readonly restorable: boolean;
}

export interface ConflictSide {
  readonly region: string;
  readonly op: string;
  /** Null: nobody knows. */
  readonly ts: number | null;
}

export interface AuditEntryView {
  /** Its place. */
  readonly sequence: number;
  readonly hash: string;
  /** Null: what stands there cannot be read. */
  readonly entry: {
    readonly at: number;
    readonly action: string;
    readonly actor: string;
    readonly subject?: string;
  } | null;
}

export interface AuditPage {
  readonly entries: readonly AuditEntryView[];
  readonly next?: number;
}

export interface AuditHeadView {
  readonly length: number;
  /** Up to which a head was signed, as the database has it; absent where nobody can take heads away. */
  readonly signed?: number;
  readonly head: object | null;
}

/** Which changes may not have crossed to the region that is not written. */
export interface CrossingView {
  /** Null: nobody could tell. */
  readonly through: number | null;
  readonly open: number;
  readonly failedSince: number | null;
  readonly ageMs: number;
}

export interface SwitchView {
  readonly epoch: number;
  readonly from: string | null;
  readonly to: string;
  readonly kind: string;
  readonly forced: boolean;
  readonly at: number;
  readonly by: string;
  readonly why: string;
}

export interface FailoverView {
  /** Null: the control record was never read. */
  readonly phase: 'healthy' | 'suspect' | 'failedOver' | 'held' | null;
  readonly mode: 'auto' | 'manual';
  readonly active: string;
  readonly replica: string;
  readonly first: string;
  readonly epoch: number;
  readonly writes: 'open' | 'closed' | 'unknown';
  readonly writesInMs: number;
  /** By region and observer, in a row. */
  readonly regions: Readonly<
    Record<string, Readonly<Record<string, { readonly failures: number; readonly answers: number; readonly problem: string | null }>>>
  >;
  readonly crossing: CrossingView | null;
  /** The newest first. */
  readonly switches: readonly SwitchView[];
  readonly problem: { readonly code: string; readonly message: string; readonly fix: string } | null;
}

export interface PromotedView {
  readonly changed: boolean;
  readonly epoch: number;
  readonly from: string | null;
  readonly active: string;
  readonly writesInMs: number;
  readonly crossing: CrossingView | null;
}
