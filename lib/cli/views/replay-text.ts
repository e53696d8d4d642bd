import type { RunResult } from '../../usecases/run-replay.ts';
import { count, some } from '../text/units.ts';

/** What became of the keys that were tried, and of their events, of which a key may have several; then each route that holds work back. */
export function replayLines({ processed, done, superseded, retried, error, remaining, paused }: RunResult): readonly string[] {
  const keys = `Tried ${some(processed, 'key')}${retried === 0 ? '' : `, of which ${count(retried)} are tried again later`}`;
  const events = `their events: done ${count(done)}, overtaken ${count(superseded)}, failed ${count(error)}`;
  return [
    `${keys}; ${events}. Still waiting: ${some(remaining, 'event')}.`,
    ...(paused ?? []).map(
      (route) => `Route ${route} is paused, and what waits on it was not tried. To let it go on: tidemark routes resume ${route}`,
    ),
  ];
}
