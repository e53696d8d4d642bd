import type { AuditStore, StoredEntry } from '../../ports/audit.ts';
import { type Canonical, parsedEntry } from './stored.ts';

export interface AuditQuery {
  /** The place behind which the page begins. @default before all, with what stands at a place before the first, where none belongs */
  readonly after?: number | undefined;
  readonly limit: number;
  /** Only what has this action, or one whose name goes on with a dot. */
  readonly action?: string | undefined;
}

export interface AuditFound {
  readonly entries: readonly StoredEntry[];
  /** Present when there may be more: behind it. */
  readonly next?: number;
}

const PAGE = 500;
/** Entries that one answer looks through at most, where few of them are wanted. */
const MOST = 5_000;

/** The oldest first. */
export async function listAudit(
  store: AuditStore,
  canonical: Canonical,
  { after = Number.NEGATIVE_INFINITY, limit, action }: AuditQuery,
): Promise<AuditFound> {
  const found: StoredEntry[] = [];
  let at = after;
  for (let seen = 0; seen < MOST; ) {
    const page = await store.page(at, action === undefined ? limit - found.length : PAGE);
    for (const entry of page) {
      at = entry.sequence;
      if (isWanted(canonical, entry, action)) found.push(entry);
      if (found.length === limit) return { entries: found, next: at };
    }
    if (page.length === 0) return { entries: found };
    seen += page.length;
  }
  return { entries: found, next: at };
}

/** What cannot be read is shown whatever is asked for: somebody changed it. */
function isWanted(canonical: Canonical, entry: StoredEntry, action: string | undefined): boolean {
  if (action === undefined) return true;
  const has = parsedEntry(canonical, entry)?.action;
  return has === undefined || has === action || has.startsWith(`${action}.`);
}
