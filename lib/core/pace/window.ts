/**
 * How many objects of a route are carried at the same time: additive increase, multiplicative decrease (Chiu and Jain). A store that asks
 * to slow down halves it, once for all that was under way then; what goes well lets it grow. Pure.
 */

export interface Window {
  /** Null: nothing was refused lately, and nothing is bounded. */
  readonly size: number | null;
  /** How often it was halved: what was begun before says nothing of the size it has now. */
  readonly round: number;
}

export const OPEN: Window = { size: null, round: 0 };

const SMALLEST = 1;
/** Grown beyond it, the window bounds nothing that would be carried anyway. */
const WIDEST = 1_024;

/** The store asked to slow down. @param round of the window when it was asked @param underWay how many were, this one included */
export function slowed(window: Window, round: number, underWay: number): Window {
  if (round !== window.round) return window;
  const size = Math.min(window.size ?? Number.POSITIVE_INFINITY, underWay);
  return { size: Math.max(SMALLEST, Math.floor(size / 2)), round: round + 1 };
}

/** One was carried: a window's worth of them lets it grow by one. */
export function grown(window: Window): Window {
  if (window.size === null) return window;
  const size = window.size + 1 / window.size;
  return { ...window, size: size > WIDEST ? null : size };
}

export function hasRoom({ size }: Window, underWay: number): boolean {
  return size === null || underWay < Math.max(SMALLEST, Math.floor(size));
}
