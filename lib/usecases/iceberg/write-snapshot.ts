/** Writes the manifest and the manifest list of a snapshot that is not committed yet: garbage until the metadata names them. */
import { encodeManifest, type ManifestEntry } from '../../core/iceberg/manifest.ts';
import { encodeManifestList, type ManifestFile, manifestFile } from '../../core/iceberg/manifest-list.ts';
import { currentSchema, snapshotOf, type TableVersion } from '../../core/iceberg/metadata.ts';
import { manifestListName, manifestName } from '../../core/iceberg/names.ts';
import type { Progress } from '../../core/iceberg/progress.ts';
import { isEmpty, nextSequenceNumber, totalsOf, withSnapshot } from '../../core/iceberg/snapshot.ts';
import { syncMarker } from './commit.ts';
import type { TableDeps } from './deps.ts';

export interface SnapshotPlan {
  readonly id: number;
  readonly operation: 'append' | 'replace';
  readonly progress: Progress;
  /** Manifests of the base that stay as they are. */
  readonly kept: readonly ManifestFile[];
  /** Those that a new manifest holds. */
  readonly entries: readonly ManifestEntry[];
}

/** @returns the version that names them, not yet written */
export async function writeSnapshot({ files, clock, ids }: TableDeps, base: TableVersion, plan: SnapshotPlan): Promise<TableVersion> {
  const { id, operation, progress, kept, entries } = plan;
  const { location } = base.metadata;
  const sequenceNumber = nextSequenceNumber(base.metadata);
  const unique = ids.next();
  const bytes = encodeManifest(entries, { schema: currentSchema(base.metadata), sync: syncMarker(unique) });
  await files.put(manifestName(unique), bytes, 'any');
  const written = manifestFile(entries, { path: `${location}/${manifestName(unique)}`, bytes: bytes.length, sequenceNumber, snapshot: id });
  const parent = snapshotOf(base.metadata)?.['snapshot-id'] ?? null;
  // Only the snapshot that deleted its files needs to say so.
  const manifests = [...kept.filter((one) => !isEmpty(one)), written];
  const list = manifestListName(id, unique);
  await files.put(list, encodeManifestList(manifests, { snapshot: id, parent, sequenceNumber, sync: syncMarker(unique) }), 'any');
  return withSnapshot(base, {
    id,
    operation,
    manifestList: `${location}/${list}`,
    progress,
    added: totalsOf(entries, 'added'),
    deleted: totalsOf(entries, 'deleted'),
    now: clock.now(),
  });
}
