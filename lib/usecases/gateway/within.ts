import { TidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

/** An abort without a reason makes an exception with a stack, each time. */
const OVER = 'over';

/**
 * Who does not answer in time has not answered.
 * @param work is told by the signal when nobody waits for it any more
 * @throws TidemarkError UNAVAILABLE after `ms`, with `outcomeUnknown`
 */
export async function within<T>(clock: Pick<Clock, 'sleep'>, ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const waiting = new AbortController();
  const given = new AbortController();
  const answer = work(given.signal);
  const late = clock.sleep(ms, waiting.signal).then(() => {
    if (waiting.signal.aborted) return answer;
    throw new TidemarkError('UNAVAILABLE', `${what}: no answer within ${ms / 1000} s`, { what, outcomeUnknown: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    waiting.abort(OVER);
    given.abort(OVER);
  }
}
