/** The conditions of a write: what is there now says what must still be there in the moment of the write. */

import { PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { judgeWrite, type WriteConditions } from '../../core/gateway/conditions.ts';
import { keyProblem } from '../../core/objects/key.ts';
import type { Observation } from '../../core/objects/sight.ts';
import type { Condition } from '../../ports/objects.ts';

/** @throws PreconditionFailedError side `destination` where it does not hold already */
export async function conditionOf(key: string, asked: WriteConditions, look: () => Promise<Observation>): Promise<Condition | undefined> {
  if (asked.ifMatch === undefined && asked.ifNoneMatch === undefined) return undefined;
  const seen = await look();
  const condition = judgeWrite(asked, seen.present ? seen.sight : null);
  if (condition === 'failed') throw new PreconditionFailedError('destination', key);
  return condition;
}

/**
 * A store may refuse a write as in conflict with another one, also where nothing was to match.
 * @throws TidemarkError UNAVAILABLE in place of a PreconditionFailedError that speaks of no condition
 */
export async function unlessInConflict<T>(key: string, condition: Condition | undefined, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (condition || !(error instanceof PreconditionFailedError) || error.side !== 'destination') throw error;
    throw new TidemarkError('UNAVAILABLE', 'the store refused the write as in conflict with another one; send it again', { key }, error);
  }
}

/** @throws TidemarkError KEY_NOT_STORABLE for what no store takes as a key */
export function demandKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== null) throw new TidemarkError('KEY_NOT_STORABLE', `key: ${problem}`, { field: 'key', key });
}
