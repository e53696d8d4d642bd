import { asTidemarkError } from '../../core/errors.ts';
import type { ControlRecord } from '../../core/gateway/control.ts';
import { type Decision, decide } from '../../core/gateway/decide.ts';
import { count, type ObserverState, type Probes } from '../../core/gateway/observer.ts';
import { PROBE_LIMIT_MS } from '../../core/gateway/rules.ts';
import type { Authority } from './authority.ts';
import { makeSwitch } from './make-switch.ts';
import { tellOutcomes } from './tell-outcomes.ts';
import { within } from './within.ts';

export interface ProbeDeps {
  readonly authority: Authority;
  readonly observer: {
    /** Unique among those that look at the same time. */
    readonly name: string;
    /** The region that it runs in; null: outside both. */
    readonly sits: string | null;
  };
  /** HEAD of the region's bucket. @throws TidemarkError where it does not answer as it should */
  readonly check: (region: string, signal: AbortSignal) => Promise<void>;
  /** Ends the wait for the moment when writes may be opened: others open them then. */
  readonly signal?: AbortSignal;
}

export interface ProbeRound {
  /** What each region came to; null: it answered. */
  readonly probes: Probes;
  /** Null: another run of the same observer counted meanwhile, and this one counts for nothing. */
  readonly state: ObserverState | null;
  readonly decision: Decision | null;
  /** The epoch that this round made. */
  readonly switchedTo: number | null;
  readonly record: ControlRecord;
}

/**
 * One round of an observer: looks at both regions, counts, decides, and switches where that is due. Then it sees to what every switch
 * leaves to do, whoever made it: it tells the audit trail, and waits for the moment when writes may be opened, so that no client is
 * needed for it. Rounds are PROBE_EVERY_MS apart, and one observer makes one at a time.
 * @throws TidemarkError when the control store or the audit trail does not answer: nothing is switched then
 */
export async function probeRound(deps: ProbeDeps): Promise<ProbeRound> {
  const { authority, observer } = deps;
  const { control, clock, rules } = authority.deps;
  const [probes, record, before] = await Promise.all([probeBoth(deps), authority.read(), control.observer(observer.name)]);
  const { name, sits } = observer;
  const counted = count(before, { observer: name, sits, epoch: record.epoch, at: clock.now(), probes });
  const state = (await control.putObserver(counted, before?.version ?? 0)) ? counted : null;
  const decision = state && decide(record, state, rules);
  const made =
    decision?.act === 'switch'
      ? await makeSwitch(authority, record, { to: decision.to, kind: 'auto', forced: false, by: `observer:${name}`, why: decision.why })
      : null;
  const now = made?.record ?? (await tellOutcomes(authority, record));
  await openWhenDue(authority, deps.signal);
  return { probes, state, decision, switchedTo: made?.made ? now.epoch : null, record: now };
}

async function probeBoth({ authority, check }: ProbeDeps): Promise<Probes> {
  const { rules, clock } = authority.deps;
  const results = rules.regions.map(async (region) => {
    const problem = await within(clock, PROBE_LIMIT_MS, `region ${region}`, (signal) => check(region, signal)).then(
      () => null,
      (error: unknown) => asTidemarkError(error).message,
    );
    return [region, problem] as const;
  });
  return Object.fromEntries(await Promise.all(results));
}

async function openWhenDue(authority: Authority, signal: AbortSignal | undefined): Promise<void> {
  const inMs = authority.opensInMs();
  if (inMs === null) return;
  await authority.deps.clock.sleep(inMs, signal);
  await authority.openIfDue();
}
