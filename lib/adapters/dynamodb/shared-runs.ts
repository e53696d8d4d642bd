/**
 * Callers that come while one run is under way share the next one: each gets an answer that was begun after it asked,
 * and however many ask at once, at most two runs are made.
 */
export function sharedRuns<T>(act: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | null = null;
  return () => {
    waiting ??= last
      .catch(() => undefined)
      .then(() => {
        waiting = null;
        return act();
      });
    last = waiting;
    return waiting;
  };
}
