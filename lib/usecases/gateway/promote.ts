import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { promoted, unfit } from '../../core/gateway/ask.ts';
import type { ControlRecord, Wish } from '../../core/gateway/control.ts';
import { PROBE_LIMIT_MS } from '../../core/gateway/rules.ts';
import { behind, type Crossing, crossing, type Watermark } from '../../core/gateway/watermark.ts';
import type { Authority } from './authority.ts';
import { makeSwitch } from './make-switch.ts';
import { lastCrossing } from './watermark.ts';
import { within } from './within.ts';

export interface AskDeps {
  readonly authority: Authority;
  /** The gateway's route. */
  readonly route: string;
  /** HEAD of the region's bucket. @throws TidemarkError where it does not answer as it should */
  readonly check: (region: string, signal: AbortSignal) => Promise<void>;
  /** How far the route is replicated now. @throws TidemarkError where that cannot be asked: its home may be down */
  readonly measure: () => Promise<Watermark>;
  /** See WriteDeps. */
  readonly unfit?: () => Promise<string | null>;
}

export interface Asked {
  /** As the audit trail names its actors. */
  readonly by: string;
  /** Goes ahead whatever speaks against it. */
  readonly force?: boolean;
}

export interface Promoted {
  /** False: the region was active already. */
  readonly changed: boolean;
  readonly epoch: number;
  readonly from: string | null;
  readonly active: string;
  /** When writes are taken, ms from now; 0: they are. */
  readonly writesInMs: number;
  /** Which changes may not have crossed yet; null: nobody ever looked, or it cannot be read. */
  readonly crossing: Crossing | null;
}

/** A route's home that does not answer must not hold up a promotion. */
const MEASURE_LIMIT_MS = 3_000;

/** What was on its way when a failback was asked for has so long to cross, ms: what crosses at all takes less. */
const CROSSES_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 250;

/**
 * Makes a region active (without one: the other one), if need be a failing one that is named and forced.
 * @throws TidemarkError INVALID_INPUT for a region that is none, or one that is forced and not named; SWITCH_REFUSED for a region that does
 * not answer, and where another switch came first; of the control store and the audit trail. Nothing is changed then, but with `outcomeUnknown`
 */
export async function promote(deps: AskDeps, asked: Asked & { readonly region?: string }): Promise<Promoted> {
  const [record, across] = await Promise.all([deps.authority.read(), whatCrossed(deps)]);
  const wanted = promoted(record, deps.authority.deps.rules, asked);
  if ('field' in wanted) throw new TidemarkError('INVALID_INPUT', `${wanted.field}: ${wanted.problem}`, { field: wanted.field });
  return go(deps, record, { to: wanted.to, kind: 'promote', why: 'asked for', ...asked }, across);
}

/**
 * Goes back to the region that the configuration names first, once all that had happened before it was asked for has crossed to it. What
 * others write meanwhile follows while writes rest.
 * @throws TidemarkError SWITCH_REFUSED with `lag`, unless forced, where changes do not cross to it, or failed; else as `promote`
 */
export async function failback(deps: AskDeps, asked: Asked): Promise<Promoted> {
  const { authority } = deps;
  const { rules } = authority.deps;
  const record = await authority.read();
  if (!asked.force && record.active !== rules.first) await allToCross(deps);
  return go(deps, record, { to: rules.first, kind: 'failback', why: 'asked for', ...asked }, await whatCrossed(deps));
}

async function allToCross({ authority, measure }: AskDeps): Promise<void> {
  const { rules, clock } = authority.deps;
  const { first: region } = rules;
  const measured = (): Promise<Watermark> =>
    within(clock, MEASURE_LIMIT_MS, 'replicated-through watermark', measure).catch((error: unknown) => {
      throw new TidemarkError(
        'SWITCH_REFUSED',
        `nobody knows what has not crossed to ${region}: ${asTidemarkError(error).message}`,
        { region },
        error,
      );
    });
  const before = clock.now();
  const asked = await measured();
  for (let now = asked; ; now = await measured()) {
    const lag = behind(asked.at, now);
    if (lag === null) return;
    const isVain = now.failedSince !== null || clock.now() - before >= CROSSES_WITHIN_MS;
    if (isVain) throw new TidemarkError('SWITCH_REFUSED', `${region} is behind: ${lag}`, { region, lag, ...now });
    await clock.sleep(LOOK_EVERY_MS);
  }
}

type Move = Pick<Wish, 'to' | 'kind' | 'why' | 'by'> & { readonly force?: boolean };

async function go(deps: AskDeps, record: ControlRecord, { to, kind, why, by, force = false }: Move, across: Crossing | null): Promise<Promoted> {
  if (record.active === to) return answerOf(deps, record, false, across);
  if (!force) await refuseUnfit(deps, to);
  const { made, record: now } = await makeSwitch(deps.authority, record, { to, kind, forced: force, by, why });
  if (made || now.active === to) return answerOf(deps, now, made, across);
  const first = now.switches[0];
  throw new TidemarkError('SWITCH_REFUSED', `${first.by} made ${now.active} active first, as epoch ${now.epoch}`, { region: to, epoch: now.epoch });
}

async function refuseUnfit({ authority, check, unfit: routeUnfit }: AskDeps, to: string): Promise<void> {
  const { control, clock } = authority.deps;
  const own = within(clock, PROBE_LIMIT_MS, `region ${to}`, (signal) => check(to, signal)).then(
    () => null,
    (error: unknown) => asTidemarkError(error).message,
  );
  const [problem, observers, unable] = await Promise.all([own, control.observers(), routeUnfit?.() ?? null]);
  const why = unable ?? unfit(to, problem, observers, clock.now());
  if (why !== null) throw new TidemarkError('SWITCH_REFUSED', `${to} is not fit to take the writes: ${why}`, { region: to });
}

/** As it is now, else as it was written down last. */
async function whatCrossed({ authority, measure, route }: AskDeps): Promise<Crossing | null> {
  const { control, clock } = authority.deps;
  try {
    return crossing(await within(clock, MEASURE_LIMIT_MS, 'replicated-through watermark', measure), clock.now());
  } catch {
    return lastCrossing({ control, clock }, route).catch(() => null);
  }
}

function answerOf({ authority }: AskDeps, { epoch, active, switches }: ControlRecord, changed: boolean, across: Crossing | null): Promoted {
  return { changed, epoch, from: switches[0].from, active, writesInMs: authority.opensInMs() ?? 0, crossing: across };
}
