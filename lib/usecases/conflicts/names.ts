/** How conflicts are named across records, and where a listing of them goes on. Opaque to callers. */
import { TidemarkError } from '../../core/errors.ts';
import type { Conflict } from '../../core/objects/conflict.ts';
import { parseDeliveryId, recordedId, shortIdOf } from '../../core/objects/delivery.ts';
import type { RecordRef } from '../../ports/replication-state.ts';

export interface ConflictCursor extends RecordRef {
  /** The conflict of this key that was shown last; absent when the key is through. */
  readonly id?: string;
}

export function conflictIdOf({ route, key }: RecordRef, { id }: Pick<Conflict, 'id'>): string {
  return recordedId(route, id, key);
}

/** @returns null when it is no id of ours */
export function parseConflictId(id: string): (RecordRef & { readonly id: string }) | null {
  const ref = parseDeliveryId(id);
  return ref && { ...ref, id: shortIdOf(id) };
}

export function encodeCursor({ route, key, id }: ConflictCursor): string {
  return Buffer.from(JSON.stringify([route, key, ...(id === undefined ? [] : [id])]), 'utf8').toString('base64url');
}

/** @throws TidemarkError INVALID_INPUT */
export function decodeCursor(text: string): ConflictCursor {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    const parts: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
    const [route, key, id] = parts.filter((part) => typeof part === 'string');
    if (route !== undefined && key !== undefined && parts.length <= 3) return { route, key, ...(id === undefined ? {} : { id }) };
  } catch {
    // Said below.
  }
  throw new TidemarkError('INVALID_INPUT', 'cursor: not one that an earlier answer gave; leave it out to begin anew', { cursor: text });
}
