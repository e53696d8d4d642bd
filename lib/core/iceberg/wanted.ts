/** What a reader asks for, and which files can hold any of it. */
import { type DataFile, type Range, sequencesOf, timestampsOf } from './data-file.ts';
import type { ManifestFile } from './manifest-list.ts';
import { dayOf } from './partition.ts';

export interface Wanted {
  readonly sequences: Range;
  /** µs since the epoch. */
  readonly timestamps: Range;
}

export const EVERYTHING: Wanted = {
  sequences: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
  timestamps: { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
};

export function overlaps(a: Range, b: Range): boolean {
  return a.from <= b.to && b.from <= a.to;
}

export function mayHold(file: DataFile, { sequences, timestamps }: Wanted): boolean {
  return (
    overlaps({ from: file.day, to: file.day }, daysOf(timestamps)) &&
    overlaps(sequencesOf(file), sequences) &&
    overlaps(timestampsOf(file), timestamps)
  );
}

export function manifestMayHold(manifest: ManifestFile, { timestamps }: Wanted): boolean {
  return overlaps(manifest.days, daysOf(timestamps));
}

function daysOf({ from, to }: Range): Range {
  return { from: dayOf(from), to: dayOf(to) };
}
