import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../ports.ts';

/** The longest that a timer of Node waits; more would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's own time. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return;
    try {
      await delay(Math.min(ms, MAX_TIMER_MS), undefined, signal && { signal });
    } catch (error) {
      // Being woken early is how a sleep ends here, not a failure.
      if (!signal?.aborted) throw error;
    }
  }
}
