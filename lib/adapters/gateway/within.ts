/** Ends the wait for what takes no signal itself. */
import { TidemarkError } from '../../core/errors.ts';

/** @throws the signal's reason as reasonOf tells it; what is under way goes on unheard */
export async function within<T>(signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  if (!signal) return act();
  if (signal.aborted) throw reasonOf(signal);
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(reasonOf(signal));
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([act(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** What a fired signal ends a request with. */
export function reasonOf({ reason }: AbortSignal): TidemarkError {
  return reason instanceof TidemarkError ? reason : new TidemarkError('UNAVAILABLE', 'the caller ended the request', {}, reason);
}
