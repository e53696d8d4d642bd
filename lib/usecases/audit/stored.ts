/** How an entry becomes the text that is stored and hashed, and what a text that was read is worth. */
import { createHash } from 'node:crypto';
import type { SeenEntry } from '../../core/audit/chain.ts';
import { type AuditEntry, isEntry } from '../../core/audit/entry.ts';
import type { StoredEntry } from '../../ports/audit.ts';

/** The one text of a JSON value, as RFC 8785 says; throws for what has none. */
export type Canonical = (value: unknown) => string;

export function storedEntry(canonical: Canonical, entry: AuditEntry): StoredEntry {
  const text = canonical(entry);
  return { sequence: entry.sequence, hash: sha256(text), text };
}

/**
 * @returns what the text says, whatever it is worth; null where that has not the shape of an entry, or the text is another than the one that
 * an entry has: of a name that stands there twice each reader could believe another, and the hash is of one reading only
 */
export function parsedEntry(canonical: Canonical, { text }: StoredEntry): AuditEntry | null {
  try {
    const value: unknown = JSON.parse(text);
    return isEntry(value) && canonical(value) === text ? value : null;
  } catch {
    return null;
  }
}

/** @param says the entry as it was read, with every field that it has, known or not */
export function seenEntry(canonical: Canonical, place: number, hash: string, says: AuditEntry | null): SeenEntry {
  return { place, hash, says: says && hasHash(canonical, says, hash) ? says : null };
}

function hasHash(canonical: Canonical, says: AuditEntry, hash: string): boolean {
  try {
    return sha256(canonical(says)) === hash;
  } catch {
    return false;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
