/** Walks the whole chain and says whether it is as it was appended. */
import { type BadEntry, beginCheck, checkEntry, endCheck, type SeenEntry, type SeenHead } from '../../core/audit/chain.ts';

export interface CheckedTrail {
  readonly ok: boolean;
  /** Entries that are as they were appended, as far as can be told. */
  readonly length: number;
  /** Up to which a signed head proves it; 0: none does. */
  readonly proven: number;
  readonly heads: number;
  readonly bad?: BadEntry;
}

/** @param entries in the order of their places, all of them @param heads in any order @param signed see SignedMark; read before the heads were */
export async function checkTrail(entries: AsyncIterable<SeenEntry>, heads: readonly SeenHead[], signed = 0): Promise<CheckedTrail> {
  let check = beginCheck(heads, { signed });
  for await (const entry of entries) check = checkEntry(check, entry);
  const bad = endCheck(check);
  return { ok: bad === null, length: check.last.sequence, proven: check.proven, heads: heads.length, ...(bad ? { bad } : {}) };
}
