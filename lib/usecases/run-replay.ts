import type { RetryPolicy } from '../core/retry.ts';
import type { Route } from '../core/routes/route.ts';
import type { Completions } from '../ports/completions.ts';
import type { RecordRef, WorkIndex } from '../ports/replication-state.ts';
import { endedEvents } from './ended-events.ts';
import { type ReplayDeps, replayKey } from './replay-key.ts';

export interface RunDeps extends ReplayDeps {
  readonly routes: readonly Route[];
  readonly index: WorkIndex;
  /** Absent: nobody is told. */
  readonly completions?: Completions;
  /** Told of what goes on behind the answer, for a host that stops when it has answered. */
  readonly background?: (work: Promise<unknown>) => void;
}

export interface RunTerms {
  /** Keys at most. */
  readonly limit: number;
  readonly leaseMs: number;
  readonly retry: RetryPolicy;
  /** When to have answered, ms since the epoch. */
  readonly deadline: number;
  /** Until when a look that was begun may go on behind the answer, ms since the epoch. */
  readonly lookDeadline: number;
}

export interface RunResult {
  readonly processed: number;
  readonly done: number;
  readonly superseded: number;
  readonly retried: number;
  readonly error: number;
  readonly remaining: number;
  /** Routes that hold work because they are paused. */
  readonly paused: readonly string[];
  /** True when pending work was left for want of time or by the limit. */
  readonly partial: boolean;
}

const KEYS_AT_ONCE = 16;
/** A reason of our own: the default one is an exception with a stack. */
const ANSWERED = 'answered';

/** Replays what is pending now, whether or not its backoff is over (A5). Counts are of deliveries, `processed` of keys. */
export async function runReplay(deps: RunDeps, terms: RunTerms): Promise<RunResult> {
  const { refs, held, paused } = await flowing(deps, terms);
  const total = { processed: 0, done: 0, superseded: 0, retried: 0, error: 0 };
  const next = async (): Promise<void> => {
    for (let ref = refs.shift(); ref !== undefined; ref = refs.shift()) {
      if (deps.clock.now() >= terms.deadline) return;
      await replayOne(deps, terms, ref, total);
    }
  };
  const finished = new AbortController();
  const all = Promise.all(Array.from({ length: KEYS_AT_ONCE }, next)).finally(() => finished.abort(ANSWERED));
  deps.background?.(all);
  // A store that does not answer must not keep the caller waiting: what is under way goes on by itself and is recorded.
  await Promise.race([all, deps.clock.sleep(Math.max(0, terms.deadline - deps.clock.now()), finished.signal)]);
  const { counts } = await deps.index.stats();
  const remaining = counts.pending + counts.in_progress;
  // What a paused route holds is left by its own will.
  const left = refs.length > 0 || (!held && remaining > total.retried);
  return { ...total, remaining, paused: await holding(deps, paused), partial: left || !finished.signal.aborted };
}

async function holding({ routes, index }: RunDeps, paused: ReadonlyMap<string, number>): Promise<readonly string[]> {
  const names = routes.map(({ name }) => name).filter((name) => paused.has(name));
  const oldest = await Promise.all(names.map((name) => index.oldest(name)));
  return names.filter((_, n) => oldest[n]?.open !== undefined);
}

interface Flowing {
  readonly refs: RecordRef[];
  /** Something of a paused route stood before them. */
  readonly held: boolean;
  readonly paused: ReadonlyMap<string, number>;
}

/** What waits on routes that are not paused, however much waits longer on one that is. */
async function flowing({ index, pauses, clock }: RunDeps, { limit, deadline }: RunTerms): Promise<Flowing> {
  const paused = await pauses.recent();
  const refs: RecordRef[] = [];
  let page: readonly RecordRef[];
  let held = false;
  let after: RecordRef | undefined;
  do {
    page = await index.waiting('open', limit, after);
    const flows = page.filter(({ route }) => !paused.has(route));
    held ||= flows.length < page.length;
    refs.push(...flows.slice(0, limit - refs.length));
    after = page.at(-1);
  } while (held && refs.length < limit && page.length === limit && clock.now() < deadline);
  return { refs, held, paused };
}

async function replayOne(
  deps: RunDeps,
  terms: RunTerms,
  ref: RecordRef,
  total: { processed: number; done: number; superseded: number; retried: number; error: number },
): Promise<void> {
  const route = deps.routes.find(({ name }) => name === ref.route);
  if (!route) return;
  total.processed++;
  const { leaseMs, retry, lookDeadline: deadline } = terms;
  const startedAt = deps.clock.now();
  const outcome = await replayKey(deps, { route, key: ref.key, changes: [], look: true, receives: 1, deadline, leaseMs, retry, alwaysLease: true });
  // Where it fails, the message that waits for the key tells when it finds that nothing is left to do.
  await deps.completions?.tell(endedEvents({ route, key: ref.key, messages: [] }, outcome, startedAt)).catch(() => undefined);
  switch (outcome.kind) {
    case 'settled':
      total.done += outcome.done;
      total.superseded += outcome.superseded;
      return;
    case 'retry':
      total.retried++;
      return;
    case 'failed':
      total.error += outcome.errors;
      return;
    case 'deferred':
    case 'postponed':
      return;
  }
}

/** The default policy with a caller's own maximum of attempts. */
export function withMaxRetries(policy: RetryPolicy, maxRetries: number): RetryPolicy {
  return { ...policy, maxRetries };
}
