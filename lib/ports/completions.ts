import type { CompletionEvent } from '../core/objects/completion-event.ts';

/** Tells others what was replicated, and what could not be. */
export interface Completions {
  /**
   * At least once: when it resolves, all of them are where they are passed on from whatever becomes of this process.
   * @throws TidemarkError when some may not be: all of them are told again
   */
  tell(events: readonly CompletionEvent[]): Promise<void>;
}
