/** What is told to others when a delivery ends (A16). */
import { otherSide } from '../change.ts';
import type { Route } from '../routes/route.ts';
import { type Delivery, sideOf } from './delivery.ts';

export const COMPLETION_TYPES = { done: 'Object Replicated', error: 'Object Replication Failed' } as const;

/** Times in ms since the epoch, size in bytes; null where it is not known. */
export interface CompletionDetail {
  /** Of the delivery, as GET /events shows it. */
  readonly id: string;
  readonly route: string;
  readonly key: string;
  readonly op: string;
  readonly etag: string | null;
  readonly size: number | null;
  readonly srcRegion: string;
  readonly dstRegion: string;
  readonly status: 'done' | 'error';
  readonly attempts: number;
  readonly error: { readonly code: string; readonly message: string } | null;
  /** When the change happened, by its sender's clock. */
  readonly ts: number;
  readonly createdAt: number;
  readonly endedAt: number;
}

export interface CompletionEvent {
  /** The same for the same end of the same delivery, however often it is told. */
  readonly id: string;
  readonly type: (typeof COMPLETION_TYPES)[keyof typeof COMPLETION_TYPES];
  readonly at: number;
  readonly detail: CompletionDetail;
}

/**
 * Of those of a key's deliveries that ended, carried out or failed for good, at `since` or later. What was superseded is told of by
 * whatever covered it.
 */
export function completionEvents(route: Route, key: string, deliveries: readonly Delivery[], since: number): readonly CompletionEvent[] {
  return deliveries.flatMap((delivery): CompletionEvent[] => {
    const { id, op, etag, size, status, attempts, lastError, ts, createdAt, updatedAt } = delivery;
    if ((status !== 'done' && status !== 'error') || updatedAt < since) return [];
    const side = sideOf(delivery);
    const ends = { srcRegion: route[side], dstRegion: route[otherSide(side)] };
    const change = { id, route: route.name, key, op, etag: etag ?? null, size: size ?? null, ...ends };
    const detail = { ...change, status, attempts, error: status === 'error' ? errorOf(lastError ?? '') : null, ts, createdAt, endedAt: updatedAt };
    return [{ id: `${id}.${status}`, type: COMPLETION_TYPES[status], at: updatedAt, detail }];
  });
}

function errorOf(lastError: string): { readonly code: string; readonly message: string } {
  const [, code = 'INTERNAL', message = lastError] = /^([A-Z_]+): (.*)$/s.exec(lastError) ?? [];
  return { code, message };
}
