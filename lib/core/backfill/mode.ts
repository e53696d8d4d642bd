/** `missing`: what differs, by both listings and the records. `all`: every key, so that each is looked at. */
export const BACKFILL_MODES = ['missing', 'all'] as const;
export type BackfillMode = (typeof BACKFILL_MODES)[number];

/** What else walks both listings range by range: `verify` writes down what differs, `repair` asks for it too, `reconcile` only asks. */
export type JobMode = BackfillMode | 'verify' | 'repair' | 'reconcile';

export const JOB_KINDS = ['backfill', 'verify', 'repair', 'reconcile'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export function kindOf(mode: JobMode): JobKind {
  return mode === 'missing' || mode === 'all' ? 'backfill' : mode;
}

export function modesOf(kinds: readonly JobKind[]): readonly JobMode[] {
  return kinds.flatMap((kind): readonly JobMode[] => (kind === 'backfill' ? BACKFILL_MODES : [kind]));
}

/** True for what ends with a report. */
export function reports(mode: JobMode): boolean {
  return mode === 'verify' || mode === 'repair';
}
