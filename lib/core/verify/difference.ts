/** What a comparison of both sides found, as reports and the API tell it. */
import type { ListingEntry } from '../objects/reconcile.ts';

export const DIFFERENCE_KINDS = ['missing', 'different', 'extra', 'unknown'] as const;
/**
 * `missing`: one side lacks it. `different`: both hold it, and not the same. `extra`: the destination alone holds it.
 * `unknown`: nothing shows whether both are the same.
 */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export type Held = Omit<ListingEntry, 'key'>;

export interface Difference {
  readonly key: string;
  readonly kind: DifferenceKind;
  /** For a person. */
  readonly reason: string;
  readonly source?: Held;
  readonly destination?: Held;
}

export type Counts = Readonly<Record<'equal' | DifferenceKind, number>>;

export const NO_COUNTS: Counts = { equal: 0, missing: 0, different: 0, extra: 0, unknown: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    equal: a.equal + b.equal,
    missing: a.missing + b.missing,
    different: a.different + b.different,
    extra: a.extra + b.extra,
    unknown: a.unknown + b.unknown,
  };
}

export function differencesIn({ missing, different, extra, unknown }: Counts): number {
  return missing + different + extra + unknown;
}

export function heldOf({ etag, size, lastModified }: Held): Held {
  return { etag, size, lastModified };
}
