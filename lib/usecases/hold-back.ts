import type { ReplicationRecord } from '../core/objects/record.ts';
import { hold, waitsForPerson } from '../core/objects/transitions.ts';
import type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';

/**
 * A look at a key of a paused route (O11): what was told is recorded, and waits there; its message may be acknowledged.
 * @param record with what the job tells noted in it; `stored` is without that
 * @returns null where the route flows; `again` where the record is another one now
 */
export async function holdBack(
  { pauses, state, clock }: Pick<ReplayDeps, 'pauses' | 'state' | 'clock'>,
  { route, changes }: Pick<KeyJob, 'route' | 'changes'>,
  record: ReplicationRecord,
  stored: ReplicationRecord | null,
): Promise<KeyOutcome | 'again' | null> {
  if (!(await pauses.recent()).has(route.name)) return null;
  // It waits for a person anyway.
  if (changes.length === 0 && waitsForPerson(record)) return null;
  const held = hold(stored, record, clock.now());
  if (held && !(await state.put(held, record.version))) return 'again';
  // Asked after it was written: whoever resumes the route asks for what waits after that, so that one of both sees the other.
  if ((await pauses.read()).has(route.name)) return { kind: 'deferred' };
  return held ? 'again' : null;
}
