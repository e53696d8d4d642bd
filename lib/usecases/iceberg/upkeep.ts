/** What is done to a table from time to time: its schema, its old snapshots, the files that nobody names. */
import { TidemarkError } from '../../core/errors.ts';
import { evolved, type SchemaChange } from '../../core/iceberg/evolve.ts';
import type { TableVersion } from '../../core/iceberg/metadata.ts';
import { type FoundFile, ORPHAN_MIN_AGE_MS, orphans } from '../../core/iceberg/orphans.ts';
import { expired } from '../../core/iceberg/snapshot.ts';
import { commit, openTable } from './commit.ts';
import type { TableDeps } from './deps.ts';
import { loadTable, nameOf, readManifest, readManifestList } from './table.ts';

/** The table is made where there is none yet. @throws TidemarkError INVALID_INPUT for a change that older files forbid */
export async function evolveTable(deps: TableDeps, stream: string, changes: readonly SchemaChange[]): Promise<void> {
  await openTable(deps, stream);
  await commit(deps, deps.clock.now(), async (base) => evolved(base, changes, deps.clock.now()));
}

/** @param olderThanMs age from which on a snapshot is forgotten @param keep how many of the newest stay @returns how many were forgotten */
export async function expireSnapshots(deps: TableDeps, olderThanMs: number, keep = 1): Promise<number> {
  let before = 0;
  const made = await commit(deps, deps.clock.now(), async (base) => {
    before = base.metadata.snapshots.length;
    const now = deps.clock.now();
    return expired(base, { before: now - olderThanMs, keep, now });
  });
  return made ? before - made.metadata.snapshots.length : 0;
}

/**
 * Removes what no snapshot names: leftovers of commits that were not ended, and what expired snapshots and old versions leave.
 * @param olderThanMs at least ORPHAN_MIN_AGE_MS: what is younger may be about to be committed
 * @returns the names of what was removed
 * @throws TidemarkError INVALID_INPUT for an age below that
 */
export async function removeOrphans(deps: TableDeps, olderThanMs: number): Promise<readonly string[]> {
  if (!(olderThanMs >= ORPHAN_MIN_AGE_MS)) {
    throw new TidemarkError('INVALID_INPUT', `orphans are told from files of a commit under way by their age: give ${ORPHAN_MIN_AGE_MS} ms or more`, {
      field: 'olderThanMs',
    });
  }
  const before = deps.clock.now() - olderThanMs;
  // Listed first: what is committed after this is named by the table as it is read then.
  const found: FoundFile[] = [];
  for await (const { name, modified } of deps.files.list()) if (modified < before) found.push({ name, modified });
  const table = await loadTable(deps.files);
  if (!table) return [];
  const unneeded = orphans(found, table, await namedFiles(deps, table), before);
  for (const name of unneeded) await deps.files.remove(name);
  return unneeded;
}

async function namedFiles({ files }: TableDeps, { metadata }: TableVersion): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const snapshot of metadata.snapshots) {
    named.add(nameOf(metadata, snapshot['manifest-list']));
    for (const manifest of await readManifestList(files, metadata, snapshot)) {
      const name = nameOf(metadata, manifest.path);
      // Most manifests are named by many snapshots; each is read once.
      if (named.has(name)) continue;
      named.add(name);
      for (const { status, file } of await readManifest(files, metadata, manifest)) if (status !== 'deleted') named.add(nameOf(metadata, file.path));
    }
  }
  return named;
}
