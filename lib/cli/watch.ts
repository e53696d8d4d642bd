/** Looks at long work again and again, and draws how far it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, ApiError, isOutage } from './client.ts';
import { CliError } from './exit.ts';
import { clearProgress, drawProgress, interruption, note } from './terminal.ts';
import type { Progress } from './text/bar.ts';

export interface Watched<T> {
  /** The command that comes back to it. */
  readonly again: string;
  readonly look: () => Promise<T>;
  readonly isOver: (seen: T) => boolean | Promise<boolean>;
  readonly progress: (seen: T) => Progress;
  /** What it waits for that a person has to do, as a line; null: nothing. Said once, to whom no progress is drawn, too. */
  readonly waits: (seen: T) => string | null;
}

const FIRST_PAUSE_MS = 100;
const PAUSE_MS = 1_000;

/** For work that goes on when its host comes back. @param quiet nothing but results and their end is said, for programs */
export function lasting(client: ApiClient, quiet = false): ApiClient {
  return client.patient({ signal: interruption(), ...(quiet ? {} : { say: note }) });
}

/** Until it is over, or Ctrl-C: the work itself goes on. Short work is seen to end at once, long work is not asked for all the time. */
export async function watch<T>({
  again,
  look,
  isOver,
  progress,
  waits,
}: Watched<T>): Promise<{ readonly interrupted: false; readonly value: T } | { readonly interrupted: true }> {
  const signal = interruption();
  let told: string | null = null;
  try {
    for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(PAUSE_MS, pause * 2)) {
      const value = await look();
      const waited = waits(value);
      if (waited !== null && waited !== told) note(waited);
      told = waited;
      drawProgress(progress(value));
      if (await isOver(value)) return { interrupted: false, value };
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
    return { interrupted: true };
  } catch (error) {
    if (signal.aborted) return { interrupted: true };
    throw withWayBack(error, again);
  } finally {
    clearProgress();
  }
}

/** Whoever began it may not have been told its id yet. What is refused is another matter: it is not there. */
export function withWayBack(error: unknown, again: string): unknown {
  if (!(error instanceof CliError) || (error instanceof ApiError && !isOutage(error))) return error;
  return new CliError(`${error.message}\nWhat was begun may go on without this command. Come back to it: ${again}`, error.exitCode, error);
}
