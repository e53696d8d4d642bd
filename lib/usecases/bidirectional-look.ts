/** The path of one key that both sides write: observe both → decide → claim and announce → act → prove → complete. */
import { PreconditionFailedError, TidemarkError } from '../core/errors.ts';
import { announcing, withdrawn } from '../core/objects/judge-writing.ts';
import { copiedState, pairAt, stateOf } from '../core/objects/pair.ts';
import { noSuchKey } from '../core/objects/plan.ts';
import { type BothSides, type PairDecision, type PairLook, planPair } from '../core/objects/plan-pair.ts';
import type { Applied, ReplicationRecord } from '../core/objects/record.ts';
import { announce, type Completion, coveredBy } from '../core/objects/transitions.ts';
import type { Bidirectional } from '../core/routes/route.ts';
import type { Link } from '../ports/objects.ts';
import type { KeyOutcome, LinkBothWays } from './key-job.ts';
import { type KeyLook, MAX_ROUNDS } from './key-look.ts';
import { sameBytes } from './same-bytes.ts';

type Acting = Extract<PairDecision, { readonly do: 'act' }>;

/** Makes one key equal on both sides, by whichever changed since they last were. */
export async function lookBothWays(look: KeyLook, policy: Bidirectional): Promise<KeyOutcome> {
  const { state, clock } = look.deps;
  const { route, key } = look.job;
  const { back, ...there } = await look.deps.link(route);
  if (!back) throw new TypeError('a bidirectional route needs a link that leads back');
  const ways: LinkBothWays = { to: there, from: back };
  const links = { from: back.traits, to: there.traits };
  const rules = { deletes: route.deletes, policy, regions: { from: route.from, to: route.to } };
  let conflict: PreconditionFailedError | null = null;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = look.lease ? look.lease.record : await state.get(route.name, key);
    const noted = look.noted(stored);
    const record = conflict ? withdrawn(noted) : noted;
    const ended = await look.enter(record, stored);
    if (ended === 'again') continue;
    if (ended) return ended;
    look.covered = coveredBy(record);
    const seen = await observeBoth(ways, key);
    const decision = await decide(look, there.link, { record, seen, links, rules, now: clock.now() });
    if (!decision) continue;
    if (decision.do === 'refuse') throw decision.error;
    const both = { source: seen.from, other: seen.to };
    let completion: Completion | null;
    if (decision.do === 'settle') {
      completion = await look.finish(record, { ...both, applied: decision.applied, losers: decision.losers });
    } else {
      const slow = look.lease ? null : await look.pace.write(record, decision.act);
      if (slow === 'again') continue;
      if (slow) return slow;
      if (!(await claimed(look, record, decision))) continue;
      look.written = null;
      try {
        const applied = await act(look, ways, decision);
        const { loser } = decision.announced.writing;
        look.written = { applied, losers: loser ? [loser] : [] };
        completion = await look.finish(record, { ...both, ...look.written });
      } catch (error) {
        // One side is no longer as observed: a user was faster, and nothing was written. Look again.
        if (!(error instanceof PreconditionFailedError)) throw error;
        conflict = error;
        // Should this look fail, it says so: a user may write there next what was to be carried.
        look.written = { applied: decision.announced.applied, losers: [] };
        continue;
      }
    }
    conflict = null;
    if (!completion) continue;
    look.count(completion);
    if (completion.dirty) continue;
    if (look.leavesPending(completion)) throw noSuchKey(key);
    return look.settled();
  }
  if (conflict) throw conflict;
  return look.goOnLater();
}

async function observeBoth({ to: { link } }: LinkBothWays, key: string): Promise<BothSides> {
  const { tags } = link;
  const [from, to] = await Promise.all([link.source.head(key, { tags }), link.destination.head(key, { tags })]);
  return { from, to };
}

/** @returns null when a side changed while both were read */
async function decide(look: KeyLook, link: Link, situation: PairLook): Promise<PairDecision | null> {
  const decision = planPair(situation);
  if (decision.do !== 'read') return decision;
  const same = await inTime(look, (signal) => sameBytes(link, look.job.key, decision.sides, signal));
  if (same === null) return null;
  const decided = planPair({ ...situation, sameBytes: same });
  if (decided.do === 'read') throw new TypeError('both sides were read: nothing is left to find out');
  return decided;
}

/** Ended at the look's deadline, or with its lease. */
async function inTime<T>({ deps: { clock }, job: { key, deadline }, lease }: KeyLook, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const [late, ended] = [new AbortController(), new AbortController()];
  const over = clock.sleep(Math.max(0, deadline - clock.now()), ended.signal);
  void over.then(() => late.abort(new TidemarkError('TIME_LIMIT', 'both sides could not be read within the time of a look', { key })));
  try {
    return await read(lease ? AbortSignal.any([late.signal, lease.signal]) : late.signal);
  } finally {
    ended.abort();
  }
}

/** Claims the key and announces the write in one step, or announces it under the lease of a former round. */
async function claimed(look: KeyLook, record: ReplicationRecord, { announced }: Acting): Promise<boolean> {
  if (!look.lease) return look.claim(announcing(record, announced));
  look.conflicts.wrote(await look.lease.update((current, now) => announce(current, announced, now)));
  return true;
}

async function act(look: KeyLook, ways: LinkBothWays, { act: decision, announced }: Acting): Promise<Applied> {
  const { to } = announced.writing;
  const performed = await look.act(decision, ways[to].link);
  const now = look.deps.clock.now();
  if (!performed) return { kind: 'tombstone', at: now };
  return pairAt(to, copiedState(performed.source, performed.destination), stateOf(performed.source), now);
}
