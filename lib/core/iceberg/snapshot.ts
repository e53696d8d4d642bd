/** What a commit makes of a table: the next version of its metadata. Pure: ids and the time are given. */
import type { ManifestEntry } from './manifest.ts';
import type { ManifestFile } from './manifest-list.ts';
import { type Snapshot, snapshotOf, type TableMetadata, type TableVersion } from './metadata.ts';
import { metadataName } from './names.ts';
import { type Progress, progressSummary } from './progress.ts';

/** Engines show the ways back; ours needs none of them. */
const LOG_LENGTH = 100;

export interface NewSnapshot {
  readonly id: number;
  readonly operation: 'append' | 'replace';
  /** Absolute. */
  readonly manifestList: string;
  readonly progress: Progress;
  readonly added: Totals;
  readonly deleted: Totals;
  readonly now: number;
}

export interface Totals {
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

export const NOTHING: Totals = { files: 0, rows: 0, bytes: 0 };

export function totalsOf(entries: readonly ManifestEntry[], status: ManifestEntry['status']): Totals {
  return entries
    .filter((entry) => entry.status === status)
    .reduce((sum, { file }) => ({ files: sum.files + 1, rows: sum.rows + file.records, bytes: sum.bytes + file.bytes }), NOTHING);
}

/** The number that the next snapshot's files carry: one more than any before, whatever became of those. */
export function nextSequenceNumber(metadata: TableMetadata): number {
  return metadata['last-sequence-number'] + 1;
}

/** @param base the version that the snapshot was built on: its manifests are those of `base`, changed */
export function withSnapshot(base: TableVersion, { id, operation, manifestList, progress, added, deleted, now }: NewSnapshot): TableVersion {
  const parent = snapshotOf(base.metadata);
  const sequenceNumber = nextSequenceNumber(base.metadata);
  // Engines refuse a snapshot that is older than its parent, and clocks differ.
  const at = Math.max(now, base.metadata['last-updated-ms']);
  const total = (name: keyof Totals, key: string) => Number(parent?.summary[key] ?? 0) + added[name] - deleted[name];
  const snapshot: Snapshot = {
    'snapshot-id': id,
    ...(parent ? { 'parent-snapshot-id': parent['snapshot-id'] } : {}),
    'sequence-number': sequenceNumber,
    'timestamp-ms': at,
    'manifest-list': manifestList,
    'schema-id': base.metadata['current-schema-id'],
    summary: {
      operation,
      'added-data-files': String(added.files),
      'added-records': String(added.rows),
      'added-files-size': String(added.bytes),
      'deleted-data-files': String(deleted.files),
      'deleted-records': String(deleted.rows),
      'removed-files-size': String(deleted.bytes),
      'total-data-files': String(total('files', 'total-data-files')),
      'total-records': String(total('rows', 'total-records')),
      'total-files-size': String(total('bytes', 'total-files-size')),
      'total-delete-files': '0',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
      ...progressSummary(progress),
    },
  };
  return nextVersion(base, at, {
    'last-sequence-number': sequenceNumber,
    'current-snapshot-id': id,
    snapshots: [...base.metadata.snapshots, snapshot],
    'snapshot-log': [...base.metadata['snapshot-log'], { 'snapshot-id': id, 'timestamp-ms': at }].slice(-LOG_LENGTH),
    refs: { main: { 'snapshot-id': id, type: 'branch' } },
  });
}

/** The version after `base`, with some parts changed. */
export function nextVersion(base: TableVersion, now: number, changes: Partial<TableMetadata>): TableVersion {
  const { metadata, version } = base;
  const at = Math.max(now, metadata['last-updated-ms']);
  const before = { 'metadata-file': `${metadata.location}/${metadataName(version)}`, 'timestamp-ms': metadata['last-updated-ms'] };
  return {
    version: version + 1,
    metadata: { ...metadata, ...changes, 'last-updated-ms': at, 'metadata-log': [...metadata['metadata-log'], before].slice(-LOG_LENGTH) },
  };
}

/**
 * Snapshots older than a moment are forgotten, but never the current one. Their files are left to the removal of orphans.
 * @param keep how many of the newest stay whatever their age
 * @returns null where none is that old
 */
export function expired(
  base: TableVersion,
  { before, keep, now }: { readonly before: number; readonly keep: number; readonly now: number },
): TableVersion | null {
  const { snapshots, 'current-snapshot-id': current, 'snapshot-log': log } = base.metadata;
  const newest = new Set(
    snapshots
      .toSorted((a, b) => b['sequence-number'] - a['sequence-number'])
      .slice(0, Math.max(1, keep))
      .map((one) => one['snapshot-id']),
  );
  const kept = snapshots.filter((one) => one['snapshot-id'] === current || newest.has(one['snapshot-id']) || one['timestamp-ms'] >= before);
  if (kept.length === snapshots.length) return null;
  const ids = new Set(kept.map((one) => one['snapshot-id']));
  // A log with a hole would tell of a past that was not: what stands before a forgotten snapshot goes too.
  const hole = log.findLastIndex((one) => !ids.has(one['snapshot-id']));
  return nextVersion(base, now, { snapshots: kept, 'snapshot-log': log.slice(hole + 1) });
}

/** Manifests whose files are all gone need not be named any longer. */
export function isEmpty({ added, existing }: ManifestFile): boolean {
  return added.files + existing.files === 0;
}
