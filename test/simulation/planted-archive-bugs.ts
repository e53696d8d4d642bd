/** Defects of the archive's commit that the simulator must find. */
import { both, bug, type PlantedBug } from './planted-bug.ts';

const COMMIT = 'lib/usecases/iceberg/commit.ts';
const ARCHIVE = 'lib/usecases/iceberg/archive.ts';
const STAGE = 'lib/usecases/iceberg/stage.ts';
const COMPACT = 'lib/usecases/iceberg/compact.ts';
const UPKEEP = 'lib/usecases/iceberg/upkeep.ts';
const WRITE = 'lib/usecases/iceberg/write-snapshot.ts';
const ORPHANS = 'lib/core/iceberg/orphans.ts';
const SNAPSHOT = 'lib/core/iceberg/snapshot.ts';

export const ARCHIVE_BUGS: readonly PlantedBug[] = [
  archiveBug('metadata is overwritten', ['T1'], 12, COMMIT, "files.put(name, bytes, 'absent')", "files.put(name, bytes, 'any')"),
  both(
    archiveBug('a commit may take any time', ['T3'], 39, COMMIT, 'clock.now() - since <= COMMIT_LIMIT_MS', 'true'),
    archiveBug('', [], 1, UPKEEP, 'olderThanMs >= ORPHAN_MIN_AGE_MS', 'true'),
  ),
  both(
    archiveBug(
      'the cursor of the newest version is not asked',
      ['T4', 'T5'],
      12,
      ARCHIVE,
      'if (progress && through !== sequenceOf(first) - 1) return null;',
      '',
    ),
    archiveBug('', [], 1, COMMIT, 'progressOf(next.metadata);', ''),
  ),
  archiveBug(
    'a data file is named before it is written',
    ['T3'],
    1,
    STAGE,
    "await files.put(name, encoded.bytes, 'any');",
    "files.put(name, encoded.bytes, 'any').catch(() => false);",
  ),
  archiveBug(
    'a compaction commits the table that it read',
    ['T2', 'T4', 'T5'],
    69,
    COMPACT,
    '(base) => replaced(deps, base, { merges, limits, id })',
    '(base) => replaced(deps, { ...table, version: base.version }, { merges, limits, id })',
  ),
  both(
    archiveBug('a compaction replaces what another one has replaced', ['T4'], 159, COMPACT, 'if (gone.size > 0) return null;', ''),
    archiveBug('', [], 1, COMMIT, 'progressOf(next.metadata);', ''),
  ),
  archiveBug('a sequence number is given twice', ['T6'], 8, SNAPSHOT, "metadata['last-sequence-number'] + 1;", 'metadata.snapshots.length + 1;'),
  // ── removal ──
  both(
    archiveBug('a file that was just staged is an orphan', ['T3'], 5, ORPHANS, 'modified >= before || ', ''),
    archiveBug('', [], 1, UPKEEP, 'if (modified < before) found.push', 'found.push'),
  ),
];

/** Each is a process of its own: these run with the tests that take longer. */
export const MORE_ARCHIVE_BUGS: readonly PlantedBug[] = [
  archiveBug(
    'a version that is there is taken for the own one',
    ['T5'],
    108,
    COMMIT,
    'if (there && Buffer.compare(there, bytes) === 0) break;',
    'if (there) break;',
  ),
  archiveBug(
    'a version is numbered by what is newest at its end',
    ['T1', 'T2', 'T4'],
    29,
    COMMIT,
    'if (await place(files, next, inTime)) return next;',
    'const newest = await loadTable(files);\n    if (await place(files, { ...next, version: (newest?.version ?? 0) + 1 }, inTime)) return next;',
  ),
  both(
    archiveBug(
      'the cursor is not in the summary',
      ['T5'],
      6,
      ARCHIVE,
      'through: sequenceOf(last) };',
      'through: progress?.through ?? sequenceOf(first) };',
    ),
    archiveBug('', [], 1, COMMIT, 'progressOf(next.metadata);', ''),
  ),
  archiveBug(
    'a manifest is named before it is written',
    ['T3'],
    1,
    WRITE,
    "await files.put(manifestName(unique), bytes, 'any');",
    "files.put(manifestName(unique), bytes, 'any').catch(() => false);",
  ),
  archiveBug(
    'manifests are those of the table as it was when the run began',
    ['T4', 'T5'],
    3,
    ARCHIVE,
    'readManifestList(deps.files, base.metadata, parent)',
    'readManifestList(deps.files, base.metadata, base.metadata.snapshots[0] ?? parent)',
  ),
  archiveBug(
    'a rewritten entry inherits its number anew',
    ['T6'],
    28,
    COMPACT,
    'entries.push({ ...entry, status',
    'entries.push({ ...entry, sequenceNumber: null, status',
  ),
  archiveBug('only the newest snapshot keeps its files', ['T3'], 6, UPKEEP, 'of metadata.snapshots)', 'of metadata.snapshots.slice(-1))'),
  archiveBug('versions of the metadata are orphans', ['T1', 'T2', 'T4', 'T5', 'T7'], 6, ORPHANS, 'of <= version - VERSIONS_KEPT', 'true'),
];

function archiveBug(name: string, breaks: readonly string[], seed: number, file: string, find: string, replace: string): PlantedBug {
  return { ...bug(name, breaks, seed, file, find, replace), archive: true };
}
