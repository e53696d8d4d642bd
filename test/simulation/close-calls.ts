/** What almost never meets by plain chance: writes that follow each other closely, on keys of their own, by chances of their own. */
import { Random } from './random.ts';
import type { Scenario, UserOp } from './scenario-shape.ts';

const LABELS = ['x', 'y'] as const;
const METAS = ['m', 'n'] as const;

/** @returns the scenario with what its seed adds to it */
export function withCloseCalls(scenario: Scenario, span: number): Scenario {
  const overtaken = scenario.store.slowCopy ? withOvertakes(scenario, span) : scenario;
  return withUntoldDelete(overtaken, span);
}

/** A store that copies slowly, and writes that overtake its copies: in a half of them nothing is late, so that nothing stale may be seen. */
function withOvertakes(scenario: Scenario, span: number): Scenario {
  const random = new Random(scenario.seed + 0x0ce);
  if (random.chance(0.3)) return scenario;
  let at = random.between(0, span);
  const writes = Array.from({ length: random.between(2, 7) }, (): UserOp => {
    at += random.between(300, 4_000);
    if (random.chance(0.2)) return { do: 'delete', key: 'c', at };
    return { do: 'put', key: 'c', tags: '', at, label: random.pick(LABELS), meta: random.pick(METAS) };
  });
  const user = inOrder([...scenario.user, ...writes]);
  const { faults } = scenario;
  if (random.chance(0.5)) return { ...scenario, user, leaseMs: 60_000, faults: { ...faults, late: 0, lateWrite: 0, skewMs: 0 } };
  // Looks that mend what landed late come two minutes later: paused then, they have to leave something behind.
  const pauses = random.chance(0.5) ? [{ at: at + random.between(20_000, 90_000), forMs: 200_000 }] : scenario.pauses;
  return { ...scenario, user, pauses, faults: { ...faults, lateWrite: random.next() } };
}

/** An object that is deleted soon after it was written, and no event tells of it: a copy that nobody recorded has to be found nevertheless. */
function withUntoldDelete(scenario: Scenario, span: number): Scenario {
  const random = new Random(scenario.seed + 0xde1);
  if (random.chance(0.9)) return scenario;
  const at = random.between(0, span);
  const put: UserOp = { do: 'put', key: 'd', tags: '', at, label: random.pick(LABELS), meta: random.pick(METAS) };
  const gone: UserOp = { do: 'delete', key: 'd', at: at + random.between(2_000, 20_000), untold: true };
  const { faults } = scenario;
  // A reconcile finds it, and that runs where events are lost.
  const lossy = { ...faults, loseEvent: Math.max(faults.loseEvent, 0.01), crash: Math.max(faults.crash, 0.04) };
  return { ...scenario, user: inOrder([...scenario.user, put, gone]), faults: lossy };
}

function inOrder(user: readonly UserOp[]): readonly UserOp[] {
  return user.toSorted((a, b) => a.at - b.at);
}
