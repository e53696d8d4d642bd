/** What an observer counts: it looks at both regions again and again, and keeps its own counters. */
import { IN_A_ROW, PROBE_EVERY_MS } from './rules.ts';

export interface RegionCounters {
  /** In a row, up to now. */
  readonly failures: number;
  /** In a row, up to now. */
  readonly answers: number;
  /** It failed, and has not answered often enough since. */
  readonly doubted: boolean;
  /** Why the last probe failed, for people; null: it did not. */
  readonly problem: string | null;
}

export interface ObserverState {
  readonly observer: string;
  /** Every write is a compare-and-swap on it, so that two runs of one observer do not count twice. */
  readonly version: number;
  /** The region it runs in, which it cannot condemn; null: outside both. */
  readonly sits: string | null;
  /** The epoch it saw last, and how many rounds it has seen it for. */
  readonly epoch: number;
  readonly rounds: number;
  /** Of its last round, by its own clock, ms since the epoch. */
  readonly at: number;
  readonly regions: Readonly<Record<string, RegionCounters>>;
}

/** What a probe of a region came to; null: it answered. */
export type Probes = Readonly<Record<string, string | null>>;

export interface Round {
  readonly observer: string;
  readonly sits: string | null;
  readonly epoch: number;
  readonly at: number;
  readonly probes: Probes;
}

const UNKNOWN: RegionCounters = { failures: 0, answers: 0, doubted: false, problem: null };

/** After a pause of so many rounds' time what was counted before is no longer in a row. */
const FORGOTTEN_MS = 4 * PROBE_EVERY_MS;

/** The observer after one more round. A new epoch, and a long pause, begin the counting of failures anew. */
export function count(state: ObserverState | null, { observer, sits, epoch, at, probes }: Round): ObserverState {
  const isSame = state?.epoch === epoch;
  const isLate = state !== null && Math.abs(at - state.at) > FORGOTTEN_MS;
  const regions = Object.entries(probes).map(([region, problem]) => {
    const known = state?.regions[region] ?? UNKNOWN;
    const before =
      isSame && !isLate ? known : { ...known, failures: 0, answers: isLate ? 0 : known.answers, doubted: known.doubted || known.failures > 0 };
    return [region, problem === null ? answered(before) : failed(before, problem)] as const;
  });
  return {
    observer,
    version: (state?.version ?? 0) + 1,
    sits,
    epoch,
    rounds: isSame ? state.rounds + 1 : 1,
    at,
    regions: Object.fromEntries(regions),
  };
}

function failed({ failures }: RegionCounters, problem: string): RegionCounters {
  return { failures: failures + 1, answers: 0, doubted: true, problem };
}

function answered({ answers, doubted }: RegionCounters): RegionCounters {
  return { failures: 0, answers: answers + 1, doubted: doubted && answers + 1 < IN_A_ROW, problem: null };
}

/** Enough failures in a row, seen from outside the region. */
export function condemns(state: ObserverState, region: string): boolean {
  return state.sits !== region && (state.regions[region]?.failures ?? 0) >= IN_A_ROW;
}

/** It answers, and has done so often enough since it last failed. */
export function isFit({ regions }: ObserverState, region: string): boolean {
  const { answers, doubted } = regions[region] ?? UNKNOWN;
  return answers > 0 && !doubted;
}

/** So old may be what an observer counted for others to go by it, ms. */
const RECENT_MS = 8 * PROBE_EVERY_MS;

/** @param now by the clock of who asks, ms since the epoch */
export function isRecent({ at }: ObserverState, now: number): boolean {
  return Math.abs(now - at) <= RECENT_MS;
}
