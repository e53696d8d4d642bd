import { Random } from '../random.ts';

export interface ArchiveScenario {
  /** Events that the stream has in the end. */
  readonly events: number;
  /** Days that their timestamps fall on. */
  readonly days: number;
  readonly rowsPerCommit: number;
  /** Runs of each kind, started at moments of chance. */
  readonly runs: { readonly archive: number; readonly compact: number; readonly expire: number; readonly orphans: number };
  /** Chances, each of a request, but `crash` of a run. */
  readonly faults: {
    readonly lostRequest: number;
    readonly lostAnswer: number;
    readonly late: number;
    readonly freeze: number;
    readonly crash: number;
  };
  /** Within which runs are started, ms. */
  readonly span: number;
}

export function makeArchiveScenario(seed: number): ArchiveScenario {
  const random = new Random(seed ^ 0x1ce);
  const calm = random.chance(0.2);
  const chance = (most: number) => (calm || random.chance(0.3) ? 0 : random.next() * most);
  return {
    events: random.between(1, 24),
    days: random.between(1, 3),
    rowsPerCommit: random.between(2, 8),
    runs: { archive: random.between(2, 6), compact: random.between(0, 4), expire: random.between(0, 3), orphans: random.between(0, 4) },
    faults: { lostRequest: chance(0.05), lostAnswer: chance(0.1), late: chance(0.05), freeze: chance(0.04), crash: chance(0.4) },
    span: random.pick([2_000, 60_000, 6 * 3_600_000, 24 * 3_600_000]),
  };
}

export function* smallerArchives(scenario: ArchiveScenario): Generator<ArchiveScenario> {
  const { events, days, runs, faults } = scenario;
  if (events > 1) yield { ...scenario, events: Math.ceil(events / 2) };
  if (events > 1) yield { ...scenario, events: events - 1 };
  if (days > 1) yield { ...scenario, days: days - 1 };
  for (const kind of ['archive', 'compact', 'expire', 'orphans'] as const) {
    if (runs[kind] > 0) yield { ...scenario, runs: { ...runs, [kind]: runs[kind] - 1 } };
  }
  for (const fault of ['lostRequest', 'lostAnswer', 'late', 'freeze', 'crash'] as const) {
    if (faults[fault] > 0) yield { ...scenario, faults: { ...faults, [fault]: 0 } };
  }
}
