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

/** @throws TidemarkError KEY_NOT_STORABLE for what no store takes as a key */
export function demandKey(key: string): void {
  const problem = keyProblem(key);
  if (problem !== null) throw new TidemarkError('KEY_NOT_STORABLE', `key: ${problem}`, { field: 'key', key });
}
