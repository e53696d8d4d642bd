/** Which small files become one. Within a day files follow each other by sequence, and after a merge they still do. */
import { type DataFile, sequencesOf } from './data-file.ts';
import type { ManifestFile } from './manifest-list.ts';

export interface CompactionLimits {
  /** A file of this size is left as it is, and none is made that is much larger. */
  readonly targetBytes: number;
  /** Fewer are not worth a rewrite. */
  readonly minFiles: number;
  /** Small manifests beyond that many become one, since a reader of the stream's order has to open each. */
  readonly maxManifests: number;
}

/** A larger manifest is left as it is. */
const SMALL_MANIFEST = 500;

/** @returns manifests to merge, beside those that a compaction rewrites anyway; none while there are few */
export function manifestsToMerge(manifests: readonly ManifestFile[], { maxManifests }: CompactionLimits): ReadonlySet<string> {
  const small = manifests.filter(({ added, existing }) => added.files + existing.files < SMALL_MANIFEST);
  return new Set(small.length > maxManifests ? small.map(({ path }) => path) : []);
}

/** @returns groups of neighbours, each of one day and in the order of their sequences */
export function compactionGroups(files: readonly DataFile[], { targetBytes, minFiles }: CompactionLimits): readonly (readonly DataFile[])[] {
  const groups: (readonly DataFile[])[] = [];
  for (const some of Map.groupBy(files, ({ day }) => day).values()) {
    let group: DataFile[] = [];
    let bytes = 0;
    const close = (): void => {
      if (group.length >= minFiles) groups.push(group);
      [group, bytes] = [[], 0];
    };
    for (const file of inOrder(some)) {
      // Merging around a file that stays would make the ranges of sequences overlap.
      if (file.bytes >= targetBytes || bytes + file.bytes > targetBytes) close();
      if (file.bytes >= targetBytes) continue;
      group.push(file);
      bytes += file.bytes;
    }
    close();
  }
  return groups;
}

export function inOrder(files: readonly DataFile[]): readonly DataFile[] {
  return files.toSorted((a, b) => sequencesOf(a).from - sequencesOf(b).from);
}
