/** `missing`: what differs, by both listings and the records. `all`: every key, so that each is looked at. */
export const BACKFILL_MODES = ['missing', 'all'] as const;
export type BackfillMode = (typeof BACKFILL_MODES)[number];
