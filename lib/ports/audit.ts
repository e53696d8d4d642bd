import type { AuditEvent } from '../core/audit/entry.ts';
import type { SignedHead } from '../core/audit/head.ts';

export interface Appended {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** SHA-256 of the entry, hex. */
  readonly hash: string;
}

export type { AuditEvent };

/** For those who write: each entry follows the one before by its hash. */
export interface AuditTrail {
  /**
   * Durable when it resolves.
   * @throws TidemarkError AUDIT_UNAVAILABLE when it may not be there: what it tells of must not be done then
   */
  append(event: AuditEvent): Promise<Appended>;
  /** Of what has happened already: never throws, since nothing can be taken back. What could not be appended is told aloud. */
  note(event: AuditEvent): Promise<void>;
}

/** An entry as it lies in a store: `text` is its canonical JSON (RFC 8785), of which `hash` is the SHA-256, hex. */
export interface StoredEntry {
  readonly sequence: number;
  readonly hash: string;
  readonly text: string;
}

/** Where the chain lies. It is not trusted: whoever can write to it can change what it answers, and the check of the chain shows that. */
export interface AuditStore {
  /** The newest entry, strongly consistent; null where there is none. */
  tail(): Promise<StoredEntry | null>;
  /**
   * All of them or none, durable when it resolves.
   * @param entries 1 to MAX_TOGETHER in a row, the first of which follows an entry that the caller has seen there
   * @returns false when another entry has the place of the first; true also when these very entries stand there already
   */
  put(entries: readonly StoredEntry[]): Promise<boolean>;
  /** Entries whose place is greater than `after`, in their order, also where none belongs; fewer than `limit` only where the chain ends. Strongly consistent. */
  page(after: number, limit: number): Promise<readonly StoredEntry[]>;
}

/** As many entries are put at once at most. */
export const MAX_TOGETHER = 25;

/** What the place of the chain itself knows of the heads: that they are gone must not look as though none had been signed yet. */
export interface SignedMark {
  /** The greatest length that was raised to; 0: none was. */
  read(): Promise<number>;
  /** A smaller one changes nothing. Durable when it resolves. */
  raise(length: number): Promise<void>;
}

/** The second place: heads are added, and never changed. */
export interface AuditHeads {
  /** Durable when it resolves. Putting the same one again does no harm. */
  put(head: SignedHead): Promise<void>;
  /** Of the greatest length; null where there is none. */
  latest(): Promise<SignedHead | null>;
  /** The newest first, of a smaller length than `before`. */
  page(before: number, limit: number): Promise<readonly SignedHead[]>;
}
