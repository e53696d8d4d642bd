/** Called by the clock each minute: looks at both regions every quarter of it, and switches where that is due. */
import { asTidemarkError } from '../../lib/core/errors.ts';
import { PROBE_EVERY_MS } from '../../lib/core/gateway/rules.ts';
import type { SteadyClock } from '../../lib/ports/system.ts';
import type { ProbeRound } from '../../lib/usecases/gateway/probe-round.ts';
import type { Log } from '../shared/log.ts';
import { tellSwitch } from '../shared/tell-switch.ts';

export interface ObserverDeps {
  readonly clock: SteadyClock;
  readonly log: Log;
  /** See probeRound. Null: there is nothing to look at yet. */
  readonly look: () => Promise<ProbeRound | null>;
  /** What is to be done beside each round. */
  readonly publish: () => Promise<void>;
  /** Is told of the last round that came to anything, once a call. */
  readonly tell: (round: ProbeRound) => Promise<void>;
}

export type ObserverHandler = () => Promise<void>;

const ROUNDS = 60_000 / PROBE_EVERY_MS;
/** A round that is later than that is left out: rounds in a row stand for a time. */
const MAX_LATE_MS = PROBE_EVERY_MS / 2;

/** @throws what the last round failed with, where none came to anything: the call is counted as an error then */
export const makeObserverHandler =
  ({ clock, log, look, publish, tell }: ObserverDeps): ObserverHandler =>
  async () => {
    const begun = clock.monotonic();
    let last: ProbeRound | null = null;
    let failure: unknown;
    const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        const { code, message, fix } = asTidemarkError(error);
        failure = error;
        log.warn(`${what} came to nothing`, { code, error: message, fix });
      }
    };
    for (let round = 0; round < ROUNDS; round++) {
      const inMs = begun + round * PROBE_EVERY_MS - clock.monotonic();
      if (inMs < -MAX_LATE_MS) continue;
      await clock.sleep(inMs);
      await Promise.all([
        attempt('a round of probes', async () => {
          const made = await look();
          if (!made) return;
          last = made;
          tellSwitch(log, made);
        }),
        attempt('telling how far the route is', publish),
      ]);
    }
    if (last) await tell(last);
    else if (failure !== undefined) throw failure;
  };
