/** The audit trail as the API tells it, page by page. */
import { canonicalJson } from '../adapters/system/canonical-json.ts';
import type { SeenEntry, SeenHead } from '../core/audit/chain.ts';
import { isEntry } from '../core/audit/entry.ts';
import { isSignedHead, type SignedHead } from '../core/audit/head.ts';
import { seenHead } from '../usecases/audit/head.ts';
import { seenEntry } from '../usecases/audit/stored.ts';
import type { AuditEntryView, AuditPage } from './api-types.ts';
import type { ApiClient } from './client.ts';

/** As many entries as an answer of Lambda can hold, however long they are. */
const PAGE = 200;

/** All of them, the oldest first. */
export async function* auditEntries(
  client: ApiClient,
  query: { readonly after?: number; readonly action?: string } = {},
): AsyncGenerator<AuditEntryView> {
  let after = query.after;
  do {
    const page: AuditPage = await client.get('/audit', { ...query, after, limit: PAGE });
    yield* page.entries;
    after = page.next;
  } while (after !== undefined);
}

/** What each of them is worth. */
export async function* seenEntries(client: ApiClient): AsyncGenerator<SeenEntry> {
  for await (const { sequence, hash, entry } of auditEntries(client)) {
    yield seenEntry(canonicalJson, sequence, hash, isEntry(entry) ? entry : null);
  }
}

/** All that were signed, each held against the key; what is no head at all is one that nobody signed. @param publicKey PEM */
export async function seenHeads(client: ApiClient, publicKey: string): Promise<readonly SeenHead[]> {
  const seen: SeenHead[] = [];
  let before: number | undefined;
  do {
    const page: { readonly heads: readonly SignedHead[]; readonly next?: number } = await client.get('/audit/heads', { before, limit: PAGE });
    seen.push(...page.heads.filter(isSignedHead).map((head) => seenHead(canonicalJson, head, publicKey)));
    before = page.next;
  } while (before !== undefined);
  return seen;
}
