/** Reading what a table says of itself: its newest version, and the files of a snapshot. */
import { TidemarkError } from '../../core/errors.ts';
import { decodeManifest, type ManifestEntry } from '../../core/iceberg/manifest.ts';
import { decodeManifestList, type ManifestFile } from '../../core/iceberg/manifest-list.ts';
import { parseMetadata, type Snapshot, type TableMetadata, type TableVersion } from '../../core/iceberg/metadata.ts';
import { HINT, metadataName, versionIn } from '../../core/iceberg/names.ts';
import type { TableFiles } from '../../ports/table-files.ts';

/**
 * The newest version: the hint says where to begin, and only the absence of the next one says where to end.
 * @returns null where there is no table
 * @throws TidemarkError ARCHIVE_BROKEN naming the file
 */
export async function loadTable(files: TableFiles): Promise<TableVersion | null> {
  return (await loadHinted(files)).table;
}

/** @returns what the hint says as well: other engines go by it alone */
export async function loadHinted(files: TableFiles): Promise<{ readonly table: TableVersion | null; readonly hinted: number }> {
  const hinted = Number(new TextDecoder().decode((await files.get(HINT)) ?? new Uint8Array()));
  let newest = (await versionAt(files, hinted)) ?? (await versionAt(files, await newestListed(files)));
  while (newest) {
    const next: TableVersion | null = await versionAt(files, newest.version + 1);
    if (!next) break;
    newest = next;
  }
  return { table: newest, hinted };
}

async function versionAt(files: TableFiles, version: number): Promise<TableVersion | null> {
  if (!Number.isSafeInteger(version) || version < 1) return null;
  const name = metadataName(version);
  const bytes = await files.get(name);
  return bytes && { version, metadata: understood(name, () => parseMetadata(new TextDecoder().decode(bytes))) };
}

async function newestListed(files: TableFiles): Promise<number> {
  let newest = 0;
  for await (const { name } of files.list()) newest = Math.max(newest, versionIn(name) ?? 0);
  return newest;
}

/** @param path as the metadata has it @returns the name relative to the table's location */
export function nameOf(metadata: TableMetadata, path: string): string {
  if (path.startsWith(`${metadata.location}/`)) return path.slice(metadata.location.length + 1);
  throw broken(path, new Error(`it lies outside of the table's location ${metadata.location}`));
}

export async function readManifestList(files: TableFiles, metadata: TableMetadata, snapshot: Snapshot): Promise<readonly ManifestFile[]> {
  const name = nameOf(metadata, snapshot['manifest-list']);
  const bytes = await needed(files, name);
  return understood(name, () => decodeManifestList(bytes));
}

/** What is left to be inherited is filled in. */
export async function readManifest(files: TableFiles, metadata: TableMetadata, manifest: ManifestFile): Promise<readonly ManifestEntry[]> {
  const name = nameOf(metadata, manifest.path);
  const bytes = await needed(files, name);
  return understood(name, () =>
    decodeManifest(bytes).map((entry) => ({
      ...entry,
      snapshot: entry.snapshot ?? manifest.snapshot,
      sequenceNumber: entry.sequenceNumber ?? manifest.sequenceNumber,
      fileSequenceNumber: entry.fileSequenceNumber ?? manifest.sequenceNumber,
    })),
  );
}

async function needed(files: TableFiles, name: string): Promise<Uint8Array> {
  const bytes = await files.get(name);
  if (bytes) return bytes;
  throw broken(name, new Error('it is not there'));
}

function understood<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw broken(name, error);
  }
}

/** @returns the error that names a file of the table which cannot be used */
export function broken(file: string, cause: unknown): TidemarkError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TidemarkError('ARCHIVE_BROKEN', `${file} of the archive cannot be used: ${why}`, { file }, cause);
}
