/** Small files into larger ones: a `replace` snapshot, whose rows are those of the one before. */
import { type CompactionLimits, compactionGroups, manifestsToMerge } from '../../core/iceberg/compaction.ts';
import { type DataFile, sequencesOf } from '../../core/iceberg/data-file.ts';
import type { ManifestEntry } from '../../core/iceberg/manifest.ts';
import type { ManifestFile } from '../../core/iceberg/manifest-list.ts';
import { currentSchema, snapshotOf, type TableVersion } from '../../core/iceberg/metadata.ts';
import { progressOf } from '../../core/iceberg/progress.ts';
import type { Cell, Columns } from '../../core/iceberg/schema.ts';
import { commit, newSnapshotId } from './commit.ts';
import type { TableDeps } from './deps.ts';
import { liveFiles } from './read.ts';
import { ROWS_PER_GROUP, stageFile } from './stage.ts';
import { broken, loadTable, nameOf, readManifest, readManifestList } from './table.ts';
import { writeSnapshot } from './write-snapshot.ts';

/** A file is held in memory while it is made. */
const LIMITS: CompactionLimits = { targetBytes: 32 * 1024 * 1024, minFiles: 4, maxManifests: 50 };

interface Merge {
  readonly from: readonly DataFile[];
  readonly to: DataFile;
}

/** @returns how many files became how many; both 0 where nothing was worth it, or where another compaction was first */
export async function compactTable(deps: TableDeps, limits: CompactionLimits = LIMITS): Promise<{ readonly from: number; readonly to: number }> {
  const since = deps.clock.now();
  const table = await loadTable(deps.files);
  const snapshot = table && snapshotOf(table.metadata);
  if (!table || !snapshot) return { from: 0, to: 0 };
  const groups = compactionGroups(await liveFiles(deps.files, table.metadata, snapshot), limits);
  const merges: Merge[] = [];
  for (const from of groups) merges.push({ from, to: await mergedFile(deps, table, from) });
  if (merges.length === 0) return { from: 0, to: 0 };
  const id = newSnapshotId(deps.ids);
  const made = await commit(deps, since, (base) => replaced(deps, base, { merges, limits, id }));
  return made ? { from: merges.flatMap(({ from }) => from).length, to: merges.length } : { from: 0, to: 0 };
}

async function mergedFile(deps: TableDeps, { metadata }: TableVersion, from: readonly DataFile[]): Promise<DataFile> {
  const schema = currentSchema(metadata);
  const { day, path } = from[0] ?? {};
  const merged = await stageFile(deps, schema, day ?? 0, regrouped(columnsOf(deps, { metadata, version: 0 }, from), ROWS_PER_GROUP));
  const rows = from.reduce((sum, { records }) => sum + records, 0);
  const [first, last] = [from[0], from.at(-1)];
  const whole = first && last && sequencesOf(merged).from === sequencesOf(first).from && sequencesOf(merged).to === sequencesOf(last).to;
  if (merged.records !== rows || !whole)
    throw broken(path ?? '', new Error(`of its ${rows} rows and those merged with it ${merged.records} could be read`));
  return merged;
}

async function* columnsOf({ files, rows }: TableDeps, { metadata }: TableVersion, from: readonly DataFile[]): AsyncGenerator<Columns> {
  for (const file of from) {
    const name = nameOf(metadata, file.path);
    const bytes = await files.get(name);
    if (!bytes) throw broken(name, new Error('it is not there'));
    try {
      yield* rows.decode({ size: bytes.length, read: async (start, end) => bytes.subarray(start, end) }, currentSchema(metadata), new Map());
    } catch (error) {
      throw broken(name, error);
    }
  }
}

/** Many small row groups into few. */
async function* regrouped(groups: AsyncIterable<Columns>, rowsEach: number): AsyncGenerator<Columns> {
  let held: Columns[] = [];
  let rows = 0;
  for await (const group of groups) {
    held.push(group);
    rows += group.rows;
    if (rows < rowsEach) continue;
    yield joined(held, rows);
    [held, rows] = [[], 0];
  }
  if (rows > 0) yield joined(held, rows);
}

function joined(groups: readonly Columns[], rows: number): Columns {
  const ids = new Set(groups.flatMap(({ byId }) => [...byId.keys()]));
  const cells = (id: number): Cell[] => groups.flatMap(({ byId, rows: count }) => byId.get(id) ?? Array.from<Cell>({ length: count }).fill(null));
  return { rows, byId: new Map([...ids].map((id) => [id, cells(id)])) };
}

/** Manifests that name a replaced file, and small ones where there are many, are written anew as one; the others stay. @returns null where such a file is no longer there */
async function replaced(
  deps: TableDeps,
  base: TableVersion,
  { merges, limits, id }: { readonly merges: readonly Merge[]; readonly limits: CompactionLimits; readonly id: number },
): Promise<TableVersion | null> {
  const snapshot = snapshotOf(base.metadata);
  const progress = progressOf(base.metadata);
  if (!snapshot || !progress) return null;
  const gone = new Set(merges.flatMap(({ from }) => from.map(({ path }) => path)));
  const kept: ManifestFile[] = [];
  const entries: ManifestEntry[] = [];
  const manifests = await readManifestList(deps.files, base.metadata, snapshot);
  const merged = manifestsToMerge(manifests, limits);
  for (const manifest of manifests) {
    const live = (await readManifest(deps.files, base.metadata, manifest)).filter(({ status }) => status !== 'deleted');
    if (!merged.has(manifest.path) && !live.some(({ file }) => gone.has(file.path))) {
      kept.push(manifest);
      continue;
    }
    for (const entry of live) {
      const isGone = gone.delete(entry.file.path);
      entries.push({ ...entry, status: isGone ? 'deleted' : 'existing', ...(isGone ? { snapshot: id } : {}) });
    }
  }
  if (gone.size > 0) return null;
  for (const { to } of merges) entries.push({ status: 'added', snapshot: id, sequenceNumber: null, fileSequenceNumber: null, file: to });
  return writeSnapshot(deps, base, { id, operation: 'replace', progress, kept, entries });
}
