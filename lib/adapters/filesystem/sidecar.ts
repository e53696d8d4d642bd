/**
 * What a plain file cannot say of its object: content headers, metadata, tags.
 * A sidecar holds them for the file as it is AND for the one that is about to replace it, each bound to its file by a signature.
 * So the rename of the file alone commits: before it, the old entry counts, after it, the new one.
 */
import { randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ContentHeaders } from '../../core/objects/sight.ts';
import { makeDirectory, syncDirectory } from './durable.ts';
import { unlessAbsent } from './failures.ts';
import { sidecarPath, TEMPORARY } from './names.ts';

export interface Properties {
  readonly headers: ContentHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Of the bytes as they were written, hex. */
  readonly md5?: string;
}

export interface SidecarEntry extends Properties {
  readonly signature: { readonly ino: string; readonly size: string; readonly mtimeNs: string };
}

export function entryFor(stat: BigIntStats, { headers, metadata, tags, md5 }: Properties): SidecarEntry {
  const signature = { ino: String(stat.ino), size: String(stat.size), mtimeNs: String(stat.mtimeNs) };
  return { signature, headers, metadata, tags, ...(md5 !== undefined && { md5 }) };
}

/** @returns its entries; none where there is no sidecar, or one that cannot be read as such */
export async function readSidecar(root: string, key: string): Promise<readonly SidecarEntry[]> {
  const text = await unlessAbsent(readFile(`${root}/${sidecarPath(key)}`, 'utf8'));
  return text === undefined ? [] : parse(text);
}

/** @returns the entry that belongs to a file; a file that someone else wrote has none */
export function entryOf(entries: readonly SidecarEntry[], stat: BigIntStats): SidecarEntry | undefined {
  const alike = entries.filter(({ signature }) => signature.size === String(stat.size) && signature.mtimeNs === String(stat.mtimeNs));
  const exact = alike.find(({ signature }) => signature.ino === String(stat.ino));
  // A restored backup keeps size and time to the nanosecond, yet not the inode.
  return exact ?? (alike.length === 1 ? alike[0] : undefined);
}

/** Replaces a sidecar, durably. */
export async function writeSidecar(root: string, key: string, entries: readonly SidecarEntry[]): Promise<void> {
  const path = `${root}/${sidecarPath(key)}`;
  const temporary = `${root}/${TEMPORARY}/${randomUUID()}`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(JSON.stringify({ key, entries }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (!(await renamed(temporary, path))) {
      await makeDirectory(dirname(path));
      await rename(temporary, path);
    }
  } catch (error) {
    await unlessAbsent(unlink(temporary));
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** Not synced: a sidecar that comes back after a crash belongs to no file. */
export async function removeSidecar(root: string, key: string): Promise<void> {
  await unlessAbsent(unlink(`${root}/${sidecarPath(key)}`));
}

async function renamed(from: string, to: string): Promise<boolean> {
  return (await unlessAbsent(rename(from, to).then(() => true))) ?? false;
}

function parse(text: string): readonly SidecarEntry[] {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && Array.isArray(value.entries) ? value.entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is SidecarEntry {
  if (!isObject(value) || !isTexts(value.signature) || !isTexts(value.headers)) return false;
  return isTexts(value.metadata) && isTexts(value.tags) && (value.md5 === undefined || typeof value.md5 === 'string');
}

function isTexts(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
