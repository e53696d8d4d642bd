/** Which files of a table nobody needs. */
import type { TableVersion } from './metadata.ts';
import { HINT, versionIn } from './names.ts';

/** Twice as long as a commit may take from the first of its files to its end, and some more for clocks that differ. */
export const ORPHAN_MIN_AGE_MS = 7_200_000;
/** Versions of the metadata that stay whatever their age, for whoever has just read an old hint. */
const VERSIONS_KEPT = 100;

export interface FoundFile {
  readonly name: string;
  /** ms since the epoch. */
  readonly modified: number;
}

/**
 * @param files as listed before `table` was read: what was committed in between is named by it
 * @param named every file that a snapshot of `table` names, relative to the location
 * @param before ms since the epoch; a file that is younger may belong to a commit under way
 * @returns in the order of their removal. Versions go from the oldest on: whoever still finds one finds those after it, and takes none for the newest
 */
export function orphans(files: readonly FoundFile[], { version }: TableVersion, named: ReadonlySet<string>, before: number): readonly string[] {
  return files
    .filter(({ name, modified }) => {
      if (modified >= before || name === HINT || named.has(name)) return false;
      const of = versionIn(name);
      return of === undefined || of <= version - VERSIONS_KEPT;
    })
    .map(({ name }) => name)
    .toSorted((a, b) => (versionIn(a) ?? 0) - (versionIn(b) ?? 0));
}
