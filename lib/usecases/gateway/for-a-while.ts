import type { Clock } from '../../ports/system.ts';

/** What is asked again at most every `ms`, by whoever asks. What nobody can tell is told as null. */
export function forAWhile<T>(clock: Pick<Clock, 'now'>, ms: number, ask: () => Promise<T | null>): () => Promise<T | null> {
  let known: { readonly at: number; readonly answer: Promise<T | null> } | null = null;
  return () => {
    if (!known || clock.now() - known.at > ms) known = { at: clock.now(), answer: ask().catch(() => null) };
    return known.answer;
  };
}
