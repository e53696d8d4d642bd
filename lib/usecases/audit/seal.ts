/** Signs the end of the chain, and puts that where whoever can change the chain cannot change it. */
import { beginCheck, checkEntry } from '../../core/audit/chain.ts';
import { BEGINNING, type Link } from '../../core/audit/entry.ts';
import type { SignedHead } from '../../core/audit/head.ts';
import { TidemarkError } from '../../core/errors.ts';
import type { AuditHeads, AuditStore, SignedMark } from '../../ports/audit.ts';
import type { Signer } from '../../ports/reports.ts';
import type { Clock } from '../../ports/system.ts';
import { seenHead, signHead } from './head.ts';
import { type Canonical, parsedEntry, seenEntry } from './stored.ts';

export interface SealDeps {
  readonly store: AuditStore;
  readonly heads: AuditHeads;
  /** Absent where nobody can take heads away. */
  readonly mark?: SignedMark | undefined;
  readonly signer: Signer;
  readonly canonical: Canonical;
  readonly clock: Clock;
}

const PAGE = 500;

/**
 * Signs nothing that contradicts the former head: what was appended since is checked first.
 * @returns the new head; null where nothing was appended since the last one
 * @throws TidemarkError AUDIT_BROKEN where what was signed is there no more
 */
export async function sealHead({ store, heads, mark, signer, canonical, clock }: SealDeps): Promise<SignedHead | null> {
  // Before the heads: another process may sign meanwhile, and raises it last.
  const signed = (await mark?.read()) ?? 0;
  const former = await heads.latest();
  if (signed > (former?.length ?? 0)) throw broken(`the head that was signed of entry ${signed} is gone`, signed);
  if (former && !seenHead(canonical, former, await signer.publicKey()).authentic)
    throw broken('the last signed head has not our signature', former.length);
  const from: Link = former ? { sequence: former.length, hash: former.hash } : BEGINNING;
  if (former) await expectHeld(store, canonical, from);
  let check = beginCheck([], { last: from });
  for (let count = PAGE; count === PAGE; ) {
    const page = await store.page(check.last.sequence, PAGE);
    for (const entry of page) check = checkEntry(check, seenEntry(canonical, entry.sequence, entry.hash, parsedEntry(canonical, entry)));
    if (check.bad) throw broken(`entry ${check.bad.sequence} is not as it was appended`, check.bad.sequence);
    count = page.length;
  }
  const { sequence, hash } = check.last;
  if (sequence === from.sequence) {
    // A process may have died before it said so.
    if (signed < sequence) await mark?.raise(sequence);
    return null;
  }
  const head = await signHead(canonical, signer, { length: sequence, hash, at: clock.now() });
  await heads.put(head);
  await mark?.raise(sequence);
  return head;
}

async function expectHeld(store: AuditStore, canonical: Canonical, { sequence, hash }: Link): Promise<void> {
  const [entry] = await store.page(sequence - 1, 1);
  const seen = entry && seenEntry(canonical, entry.sequence, entry.hash, parsedEntry(canonical, entry));
  if (seen?.place === sequence && seen.says && seen.hash === hash) return;
  throw broken(`entry ${sequence} is not the one that was signed`, sequence);
}

function broken(what: string, sequence: number): TidemarkError {
  return new TidemarkError('AUDIT_BROKEN', `the audit trail was changed: ${what}; no head is signed of it`, { sequence });
}
