/** The path of one key: observe → plan → claim → act → prove → complete. */
import { asTidemarkError, PreconditionFailedError } from '../core/errors.ts';
import { sightOfListed } from '../core/objects/listed.ts';
import { appliedObject, isApplied, type LinkTraits, newestSequencer, noSuchKey, type Plan, plan } from '../core/objects/plan.ts';
import type { Applied, ReplicationRecord } from '../core/objects/record.ts';
import type { Observation, Sight } from '../core/objects/sight.ts';
import { type Completion, coveredBy } from '../core/objects/transitions.ts';
import { canaryKey, filteredOut, filtersObjects } from '../core/routes/route.ts';
import type { Link } from '../ports/objects.ts';
import { lookBothWays } from './bidirectional-look.ts';
import type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';
import { KeyLook, MAX_ROUNDS } from './key-look.ts';
import type { ActPlan } from './perform.ts';

export type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';
export { LATE_WRITE_MS } from './key-look.ts';

/** Makes one key equal on both sides, as the source is now. Never throws: what went wrong is an outcome, recorded where it can be. */
export async function replayKey(deps: ReplayDeps, job: KeyJob): Promise<KeyOutcome> {
  const look = new KeyLook(deps, job);
  const outcome = await outcomeOf(look);
  if (look.conflicts.areThere) await look.conflicts.tell(deps.audit, job.route.name, job.key);
  deps.meter?.look(look.measure.of(job.route.name, outcome));
  return outcome;
}

async function outcomeOf(look: KeyLook): Promise<KeyOutcome> {
  const { route } = look.job;
  try {
    return await (route.bidirectional ? lookBothWays(look, route.bidirectional) : lookOneWay(look));
  } catch (error) {
    return await look.failed(asTidemarkError(error));
  } finally {
    look.end();
  }
}

async function lookOneWay(look: KeyLook): Promise<KeyOutcome> {
  const { state } = look.deps;
  const { route, key } = look.job;
  const { link, traits } = await look.deps.link(route);
  let confirm = false;
  let conflict: PreconditionFailedError | null = null;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = look.lease ? look.lease.record : await state.get(route.name, key);
    const record = look.noted(stored);
    const ended = await look.enter(record, stored);
    if (ended === 'again') continue;
    if (ended) return ended;
    look.covered = coveredBy(record);
    const { decision, source } = await decide(look, record, link, traits, confirm);
    let completion: Completion | null;
    if (decision.do === 'refuse') throw decision.error;
    if (decision.do === 'settle') {
      const { leftOut } = decision;
      const applied = settledAs(look, record, decision);
      completion = await look.finish(record, { source, applied, ...(leftOut === undefined ? {} : { leftOut }) });
    } else {
      const slow = look.lease ? null : await look.pace.write(record, decision);
      if (slow === 'again') continue;
      if (slow) return slow;
      if (decision.way === 'leased' && !look.lease && !(await look.claim(record))) continue;
      try {
        completion = await look.finish(record, { source, applied: await act(look, record, decision, link) });
      } catch (error) {
        // What was observed is no longer so: look again, at the destination too.
        if (!(error instanceof PreconditionFailedError)) throw error;
        conflict = error;
        confirm = true;
        continue;
      }
    }
    confirm = true;
    conflict = null;
    if (!completion) continue;
    look.count(completion);
    if (completion.dirty) continue;
    if (!source.present && look.leavesPending(completion)) throw noSuchKey(key);
    return look.settled();
  }
  if (conflict) throw conflict;
  return look.goOnLater();
}

async function decide(
  look: KeyLook,
  record: ReplicationRecord,
  link: Link,
  traits: LinkTraits,
  confirm: boolean,
): Promise<{ decision: Exclude<Plan, { do: 'confirm' }>; source: Observation }> {
  const { route, key, alwaysLease, listed } = look.job;
  const leavesOut = filtersObjects(route) && key !== canaryKey(route) ? { leavesOut: (seen: Sight) => filteredOut(route, seen) } : {};
  const rules = { deletes: route.deletes, alwaysLease: alwaysLease || record.lease !== null, ...leavesOut };
  if (!confirm) {
    const told = listed && !route.tags ? sightOfListed(listed, record, traits) : null;
    const source: Observation = told ? { present: true, sight: told } : await link.source.head(key, route.tags ? { tags: true } : undefined);
    const decision = plan({ record, source, link: traits, rules });
    if (decision.do !== 'confirm') return { decision, source };
  }
  const { tags } = link;
  const destination = await link.destination.head(key, { tags });
  const source = await link.source.head(key, { tags });
  const decision = plan({ record, source, destination, link: traits, rules });
  if (decision.do === 'confirm') throw new TypeError('both sides were looked at: nothing is left to confirm');
  return { decision, source };
}

function settledAs(look: KeyLook, record: ReplicationRecord, { applied }: Extract<Plan, { do: 'settle' }>): Applied | null {
  if (applied === 'keep') return record.applied;
  if (applied === 'tombstone') return look.tombstone(record);
  const known = record.applied?.kind === 'object' ? record.applied : undefined;
  const seen = appliedObject(
    applied.source,
    applied.destination,
    newestSequencer(record.deliveries, 'PUT') ?? known?.sequencer,
    look.deps.clock.now(),
  );
  const unchanged =
    known && isApplied(applied.source, known) && known.versionId === seen.versionId && known.destination.etag === seen.destination.etag;
  return unchanged ? known : seen;
}

async function act(look: KeyLook, record: ReplicationRecord, decision: ActPlan, link: Link): Promise<Applied> {
  const performed = await look.act(decision, link);
  if (!performed) return look.tombstone(record);
  return appliedObject(performed.source, performed.destination, newestSequencer(record.deliveries, 'PUT'), look.deps.clock.now());
}
