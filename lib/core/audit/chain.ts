/** Checks a chain entry by entry against the heads that were signed of it, and keeps the first thing that is wrong. */
import { BEGINNING, type Link } from './entry.ts';

/**
 * - `altered`: what it holds is not what its hash was made of. `gap`: entries are missing. `doubled`: one stands a second time.
 * - `reordered`: one stands in the place of another, which stands elsewhere. `unlinked`: it does not follow the entry before it.
 * - `rewritten`: the chain is sound by itself, and is not the one that was signed. `cut`: its end is missing.
 * - `forged-head`: a head that the believed key did not sign. `lost-head`: one that was signed is gone, so that nothing proves the entries.
 */
export type Fault = 'altered' | 'gap' | 'doubled' | 'reordered' | 'unlinked' | 'rewritten' | 'cut' | 'forged-head' | 'lost-head';

/** The first of what is wrong. */
export interface BadEntry {
  readonly fault: Fault;
  /** The first entry that it is true of, or may be. */
  readonly sequence: number;
  /** The last entry that may be the first one, or is missing too, where there are several. */
  readonly through?: number;
}

/** An entry as it was read. */
export interface SeenEntry {
  /** Where it stands. */
  readonly place: number;
  readonly hash: string;
  /** What it says; null where that is no entry, or its hash is not the one of what it says. */
  readonly says: { readonly sequence: number; readonly previous: string } | null;
}

/** A head as it was read. */
export interface SeenHead {
  readonly length: number;
  readonly hash: string;
  /** Its signature is that of the believed key. */
  readonly authentic: boolean;
}

export interface ChainCheck {
  /** The last entry that is as it was appended, as far as can be told. */
  readonly last: Link;
  /** The length of the last head that was found true. */
  readonly proven: number;
  /** Those that are not reached yet, the shortest first. */
  readonly heads: readonly SeenHead[];
  /** Up to which a head was signed, as the place of the chain itself has it. */
  readonly signed: number;
  readonly bad: BadEntry | null;
}

/** @param heads in any order @param from `last`: what the first entry follows, where the chain is not checked from its beginning */
export function beginCheck(heads: readonly SeenHead[], from: { readonly last?: Link; readonly signed?: number } = {}): ChainCheck {
  const { last = BEGINNING, signed = 0 } = from;
  return { last, proven: last.sequence, heads: heads.toSorted((a, b) => a.length - b.length), signed, bad: null };
}

/** @param entry the next one, in the order of the places */
export function checkEntry(check: ChainCheck, entry: SeenEntry): ChainCheck {
  if (check.bad) return { ...check, bad: foundElsewhere(check.bad, entry) };
  const bad = badIn(check.last, entry);
  if (bad) return { ...check, bad };
  return reached({ ...check, last: { sequence: entry.place, hash: entry.hash } });
}

/** @returns what is wrong, when all entries were checked; null: nothing is */
export function endCheck({ last, proven, heads, signed, bad }: ChainCheck): BadEntry | null {
  const longest = heads.findLast(({ authentic }) => authentic);
  if (bad) return bad;
  if (longest) return { fault: 'cut', sequence: last.sequence + 1, ...through(last.sequence + 1, longest.length) };
  const [forged] = heads;
  if (forged) return { fault: 'forged-head', sequence: forged.length };
  return signed > proven ? { fault: 'lost-head', sequence: proven + 1, ...through(proven + 1, signed) } : null;
}

function badIn({ sequence, hash }: Link, entry: SeenEntry): BadEntry | null {
  const { place, says } = entry;
  const wanted = sequence + 1;
  if (place > wanted) return { fault: 'gap', sequence: wanted, ...through(wanted, place - 1) };
  if (place < wanted) return { fault: 'doubled', sequence: place };
  if (!says) return { fault: 'altered', sequence: wanted };
  // Of two that claim one place, the first may be the one that was put in.
  if (says.sequence === sequence && entry.hash !== hash) return { fault: 'doubled', sequence, through: wanted };
  if (says.sequence < wanted) return { fault: 'doubled', sequence: wanted };
  // Until the one that belongs here is found elsewhere.
  if (says.sequence > wanted) return { fault: 'gap', sequence: wanted };
  return says.previous === hash ? null : { fault: 'unlinked', sequence: wanted };
}

function foundElsewhere(bad: BadEntry, { says }: SeenEntry): BadEntry {
  return bad.fault === 'gap' && says?.sequence === bad.sequence ? { fault: 'reordered', sequence: bad.sequence } : bad;
}

/** Compares the entry with the heads that were signed of it. */
function reached(check: ChainCheck): ChainCheck {
  const { last, proven } = check;
  const here = check.heads.filter(({ length }) => length <= last.sequence);
  if (here.length === 0) return check;
  const heads = check.heads.slice(here.length);
  if (here.some(({ hash, authentic }) => authentic && hash !== last.hash)) {
    return { ...check, heads, bad: { fault: 'rewritten', sequence: proven + 1, ...through(proven + 1, last.sequence) } };
  }
  if (here.some(({ authentic }) => !authentic)) return { ...check, heads, bad: { fault: 'forged-head', sequence: last.sequence } };
  return { ...check, heads, proven: last.sequence };
}

function through(first: number, last: number): { readonly through?: number } {
  return last > first ? { through: last } : {};
}
