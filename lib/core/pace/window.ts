/**
 * How many objects of a route are carried at the same time: additive increase, multiplicative decrease (Chiu and Jain). A store that asks
 * to slow down halves it, at most once a while, since the answers to what was under way come together; what goes well lets it grow. Pure.
 */

export interface Window {
  /** Null: nothing was refused lately, and nothing is bounded. */
  readonly size: number | null;
  readonly slowedAt: number;
}

export const OPEN: Window = { size: null, slowedAt: Number.NEGATIVE_INFINITY };

/** Refusals within it are one. */
const ONE_REFUSAL_MS = 1_000;
const SMALLEST = 1;
/** Grown beyond it, the window bounds nothing that would be carried anyway. */
const WIDEST = 1_024;

/** The store asked to slow down. @param underWay how many were, this one included */
export function slowed(window: Window, underWay: number, now: number): Window {
  if (now - window.slowedAt < ONE_REFUSAL_MS) return window;
  const size = Math.min(window.size ?? Number.POSITIVE_INFINITY, underWay);
  return { size: Math.max(SMALLEST, Math.floor(size / 2)), slowedAt: now };
}

/** One was carried: a window's worth of them lets it grow by one. */
export function grown(window: Window): Window {
  if (window.size === null) return window;
  const size = window.size + 1 / window.size;
  return size > WIDEST ? OPEN : { ...window, size };
}

export function hasRoom({ size }: Window, underWay: number): boolean {
  return size === null || underWay < Math.max(SMALLEST, Math.floor(size));
}
