import { TidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

/**
 * Who does not answer in time has not answered.
 * @param work is told by the signal when nobody waits for it any more
 * @throws TidemarkError UNAVAILABLE after `ms`, with `outcomeUnknown`
 */
export async function within<T>(clock: Pick<Clock, 'sleep'>, ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const given = new AbortController();
  const done = new AbortController();
  const answer = work(given.signal);
  const late = clock.sleep(ms, done.signal).then(() => {
    if (done.signal.aborted) return answer;
    throw new TidemarkError('UNAVAILABLE', `${what}: no answer within ${ms / 1000} s`, { what, outcomeUnknown: true });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
    given.abort();
  }
}
