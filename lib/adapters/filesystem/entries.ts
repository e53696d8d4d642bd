/** The entries of a directory, and those whose names are no text and so can be part of no key. */
import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { unlessAbsent } from './failures.ts';

export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
}

export interface Entries {
  /** In no particular order. */
  readonly named: readonly Entry[];
  /** Names that are not UTF-8, as they are shown. */
  readonly unreadable: readonly string[];
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** What Node puts in the place of bytes that are not UTF-8; a name may also hold it rightly. */
const REPLACEMENT = '\u{FFFD}';

/** A directory that is not there has no entries. @throws the system's error for one that may not be read: it must not look empty */
export async function readEntries(path: string): Promise<Entries> {
  const found = (await unlessAbsent(readdir(path, { withFileTypes: true }))) ?? [];
  if (!found.some(({ name }) => name.includes(REPLACEMENT)))
    return { named: found.map((entry) => ({ name: entry.name, kind: kindOf(entry) })), unreadable: [] };
  const raw = (await unlessAbsent(readdir(path, { withFileTypes: true, encoding: 'buffer' }))) ?? [];
  return {
    named: raw.filter(({ name }) => isUtf8(name)).map((entry) => ({ name: entry.name.toString(), kind: kindOf(entry) })),
    unreadable: raw.filter(({ name }) => !isUtf8(name)).map(({ name }) => name.toString()),
  };
}

function kindOf(entry: Kinds): Entry['kind'] {
  return entry.isDirectory() ? 'directory' : entry.isFile() ? 'file' : 'other';
}
