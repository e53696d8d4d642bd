import type { Hop } from '../core/contexts/hop.ts';

/** Which stream lies above another, and how far its events have come there. Strongly consistent. */
export interface HopStore {
  /** @returns null for a stream that has none above it, as far as is known */
  get(from: string): Promise<Hop | null>;
  /**
   * Writes it if the stored one is of the version before. Durable when it resolves.
   * @param next its version is one more than that of the one that the caller has seen; 1: there was none
   * @returns false when another version is stored
   */
  put(next: Hop): Promise<boolean>;
  /** Those of streams behind `after`, in some order that stays; fewer than `limit` only at the end. */
  list(after: string, limit: number): Promise<readonly Hop[]>;
}
