/** The commit: one conditional write of the next version of the metadata. See lib/core/iceberg/SPEC.md. */
import { createHash } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import { formatMetadata, newTable, type TableVersion } from '../../core/iceberg/metadata.ts';
import { HINT, metadataName } from '../../core/iceberg/names.ts';
import { progressOf } from '../../core/iceberg/progress.ts';
import type { TableFiles } from '../../ports/table-files.ts';
import type { TableDeps } from './deps.ts';
import { broken, loadHinted, loadTable } from './table.ts';

/** What loses so often meets more than rivals. */
const ATTEMPTS = 20;
const ANSWERS_ASKED = 5;
const PAUSE_MS = 50;
/** Orphans are left alone for longer (ORPHAN_MIN_AGE_MS): whatever a commit names was made within this time before it. */
export const COMMIT_LIMIT_MS = 1_800_000;

/** @returns the version after `base`, or null where there is nothing to do on it */
export type Change = (base: TableVersion) => Promise<TableVersion | null>;

/** The newest version of the table; the first where there is none yet. */
export async function openTable({ files, clock, ids }: TableDeps, stream: string): Promise<TableVersion> {
  const { table, hinted } = await loadHinted(files);
  if (table) {
    // Whoever made the newest version may have died before it told.
    if (hinted !== table.version) await hint(files, table.version);
    return table;
  }
  const metadata = newTable({ uuid: ids.next(), location: files.location, stream, now: clock.now() });
  const first: TableVersion = { version: 1, metadata };
  if (await place(files, first, () => true)) return first;
  const others = await loadTable(files);
  if (others) return others;
  throw broken(metadataName(1), new Error('it was there, and then it was not'));
}

/**
 * Makes a change on the newest version, and again on a newer one where a rival was first.
 * @param since the moment from which on the files were made that the change names
 * @returns the version that holds the change, or null where the change found nothing to do, or there is no table
 * @throws TidemarkError PRECONDITION_FAILED where rivals were faster again and again; UNAVAILABLE, with `outcomeUnknown`, where the store
 * gave no answer: the next look at the table tells
 */
export async function commit(deps: TableDeps, since: number, change: Change): Promise<TableVersion | null> {
  const { files, clock, ids } = deps;
  const inTime = (): boolean => clock.now() - since <= COMMIT_LIMIT_MS;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const base = await loadTable(files);
    const next = base && (await change(base));
    if (!next) return null;
    // Rows and cursor must agree before anyone sees them.
    progressOf(next.metadata);
    if (await place(files, next, inTime)) return next;
    await clock.sleep(PAUSE_MS * attempt * ids.random());
  }
  throw new TidemarkError('PRECONDITION_FAILED', `other writers of the table were faster ${ATTEMPTS} times`, { location: files.location });
}

/**
 * @param inTime asked before each write: a process may have stood still, and what the version names be gone
 * @returns false where another version of that number is there
 */
async function place(files: TableFiles, { version, metadata }: TableVersion, inTime: () => boolean): Promise<boolean> {
  const name = metadataName(version);
  const bytes = new TextEncoder().encode(formatMetadata(metadata));
  for (let asked = 1; ; asked++) {
    if (!inTime())
      throw new TidemarkError('TIME_LIMIT', 'the commit took so long that its files may be taken for orphans: it is begun anew', {
        name,
        outcomeUnknown: asked > 1,
      });
    try {
      if (await files.put(name, bytes, 'absent')) break;
    } catch (error) {
      if (!(error instanceof TidemarkError && error.outcomeUnknown) || asked === ANSWERS_ASKED) throw error;
    }
    // Refused, or not answered: what is there may be this very write, sent a moment ago.
    const there = await files.get(name);
    if (there && Buffer.compare(there, bytes) === 0) break;
    if (there) return false;
  }
  await hint(files, version);
  return true;
}

/** Best-effort: without it, or with an old one, readers take a little longer. */
async function hint(files: TableFiles, version: number): Promise<void> {
  await files.put(HINT, new TextEncoder().encode(String(version)), 'any').catch(() => false);
}

/** @returns sixteen bytes that mark the blocks of an Avro file */
export function syncMarker(id: string): Uint8Array {
  return createHash('md5').update(id).digest();
}

/** Below 2^53, so that every JSON reader keeps it. */
export function newSnapshotId(ids: TableDeps['ids']): number {
  return 1 + Math.floor(ids.random() * (Number.MAX_SAFE_INTEGER - 1));
}
