import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';

export interface Hedge<T> {
  readonly clock: Clock;
  /** So long the first may take alone, ms. */
  readonly waitMs: number;
  /** Of who asks. */
  readonly signal?: AbortSignal;
  /** Each is aborted by its own signal once the other has answered. */
  readonly first: (signal: AbortSignal) => Promise<T>;
  readonly second: (signal: AbortSignal) => Promise<T>;
  /** True: the other is asked. Any other error is the answer. */
  readonly isFailure: (error: TidemarkError) => boolean;
  /** False: it says nothing, and the other is waited for. */
  readonly isAnswer: (value: T, from: From) => boolean;
}

export type From = 'first' | 'second';

export interface Hedged<T> {
  readonly answer: T;
  readonly from: From;
  /** Why the first did not answer, where it failed before the second did. */
  readonly failed?: TidemarkError;
}

/** An abort without a reason makes an exception with a stack, each time. */
const ANSWERED = 'answered';

type Outcome<T> = { readonly from: From } & ({ readonly value: T } | { readonly error: TidemarkError });

/**
 * Asks the first; once it fails, or takes longer than it may, the second too, and takes whichever answers first. The other is aborted.
 * @throws the first's error where it failed and the second does not answer
 */
export async function hedged<T>({ clock, waitMs, signal, first, second, isFailure, isAnswer }: Hedge<T>): Promise<Hedged<T>> {
  const aborts = { first: new AbortController(), second: new AbortController() };
  const abortBoth = (): void => {
    aborts.first.abort(signal?.reason);
    aborts.second.abort(signal?.reason);
  };
  // For as long as a body flows that was answered.
  signal?.addEventListener('abort', abortBoth, { once: true });
  const ask = async (from: From, read: (own: AbortSignal) => Promise<T>): Promise<Outcome<T>> => {
    try {
      return { from, value: await read(aborts[from].signal) };
    } catch (error) {
      return { from, error: asTidemarkError(error) };
    }
  };
  const settles = (outcome: Outcome<T>): boolean => ('value' in outcome ? isAnswer(outcome.value, outcome.from) : !isFailure(outcome.error));
  const answered = new AbortController();
  try {
    const asked = ask('first', first);
    const early = await Promise.race([asked, clock.sleep(waitMs, answered.signal)]);
    if (early && settles(early)) return taken(early);
    const other = ask('second', second);
    const next = early ? await other : await Promise.race([asked, other]);
    const chosen = settles(next) ? next : await (next.from === 'first' ? other : asked);
    if (settles(chosen)) {
      if (chosen.from === 'first') aborts.second.abort();
      // It had its time: whoever watches over the first may count that against it.
      else aborts.first.abort(new TidemarkError('UNAVAILABLE', `it took longer than ${waitMs} ms, and the other answered`));
      const former = await Promise.race([asked, Promise.resolve(null)]);
      return taken(chosen, former && 'error' in former ? former.error : undefined);
    }
    const [one, two] = await Promise.all([asked, other]);
    throw 'error' in one ? one.error : 'error' in two ? two.error : new TypeError('one that says nothing failed nowhere');
  } finally {
    answered.abort(ANSWERED);
  }
}

function taken<T>(outcome: Outcome<T>, failed?: TidemarkError): Hedged<T> {
  if ('error' in outcome) throw outcome.error;
  return { answer: outcome.value, from: outcome.from, ...(failed && outcome.from === 'second' ? { failed } : {}) };
}
