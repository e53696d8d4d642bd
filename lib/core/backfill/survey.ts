/**
 * Looks into a listing at a few places to learn how many keys there are and where to split it. Pure: it says where to look next and is told
 * what was found there. Between what it saw it guesses; the ranges that it proposes hold every key whatever it guessed.
 */
import { compareUtf8 } from '../objects/byte-order.ts';
import { EndSearch } from './end-search.ts';
import { KeySpace } from './key-space.ts';

export interface SurveyedKey {
  readonly key: string;
  readonly size: number;
}

/** Neighbours in the listing; no key is in two windows. */
interface Window {
  readonly first: string;
  readonly last: string;
  readonly count: number;
  /** Every so many of its keys: enough to split at, and little to hold. */
  readonly marks: readonly string[];
  readonly bytes: number;
}

/** Where nothing was seen yet. */
interface Gap {
  /** Exclusive. */
  readonly from: string;
  /** Inclusive; null: to the end of the listing. */
  readonly to: string | null;
}

export interface SurveyResult {
  readonly objects: number;
  readonly bytes: number;
  /** Every key was seen: the figures are no guess. */
  readonly exact: boolean;
}

/** Of all looks, those that may go into finding the end: every second one. */
const FOR_THE_END = 2;
/** Of a page's keys, those that teach how keys are made. */
const EVERY = 25;
/** Of a gap, what is left out on either side when its middle is looked for. */
const ASIDE = 0.3;
/** Spreads evenly, however often it is added. */
const GOLDEN = 0.618_033_988_75;
/** Characters of a middle beyond those that are needed. */
const FURTHER = 6;
/** Windows on either side of a gap that tell how dense it is. */
const NEAR = 3;

export class Survey {
  readonly #prefix: string;
  readonly #looks: number;
  readonly #counting = new KeySpace('between');
  readonly #seeking = new KeySpace('whole');
  readonly #windows: Window[] = [];
  #gaps: Gap[] = [];
  #looked = 0;
  #ending: EndSearch | null = null;
  #asked: { readonly after: string | undefined; readonly gap: Gap | null; readonly forTheEnd: boolean } = {
    after: undefined,
    gap: null,
    forTheEnd: false,
  };

  /** @param looks pages that may be listed */
  constructor(prefix: string, looks: number) {
    this.#prefix = prefix;
    this.#looks = looks;
  }

  /** @returns after which text to list a page; undefined: from the beginning; null: it has seen enough */
  next(): { readonly startAfter?: string } | null {
    if (this.#looked >= this.#looks) return null;
    if (this.#looked === 0) return {};
    const end = this.#end();
    if (end !== null) return this.#ask(end.after, end.gap, true);
    // Each guess once: it costs far more than what a sort compares.
    const guessed = this.#gaps.map((gap) => ({ gap, keys: this.#guess(gap, this.#seeking) }));
    for (const { gap } of guessed.sort((a, b) => b.keys - a.keys)) {
      const middle = this.#middle(gap);
      if (middle !== null) return this.#ask(middle, gap, false);
    }
    return null;
  }

  /**
   * @param page what `next` asked for, in UTF-8 byte order
   * @param more the listing goes on after it
   */
  saw(page: readonly SurveyedKey[], more: boolean): void {
    this.#looked++;
    const { after, gap, forTheEnd } = this.#asked;
    const to = gap?.to ?? null;
    const fresh = to === null ? page : page.filter(({ key }) => compareUtf8(key, to) <= 0);
    if (gap && after !== undefined) this.#gaps = [...this.#gaps.filter((other) => other !== gap), { from: gap.from, to: after }];
    // What was seen before begins within this page, or the listing ends.
    const isWhole = fresh.length < page.length || !more;
    const end = fresh.at(-1)?.key ?? after;
    if (!isWhole && end !== undefined) this.#gaps.push({ from: end, to });
    this.#note(fresh);
    const [window] = this.#windows;
    if (forTheEnd) this.#ending?.found(fresh.length > 0);
    else if (window) this.#ending ??= new EndSearch(this.#prefix, [window.first, window.last]);
  }

  result(): SurveyResult {
    const seen = this.#windows.reduce((sum, { count }) => sum + count, 0);
    const bytes = this.#windows.reduce((sum, window) => sum + window.bytes, 0);
    const unseen = this.#gaps.reduce((sum, gap) => sum + this.#guess(gap, this.#counting), 0);
    const objects = Math.round(seen + unseen);
    return { objects, bytes: Math.round(seen === 0 ? 0 : bytes * (objects / seen)), exact: this.#gaps.length === 0 };
  }

  /** @returns up to `parts` − 1 texts that split the keys into parts of about one size */
  boundaries(parts: number): readonly string[] {
    const pieces = this.#pieces();
    const each = pieces.reduce((sum, { keys }) => sum + keys, 0) / parts;
    const found: string[] = [];
    let passed = 0;
    for (const { keys, at } of pieces) {
      while (found.length < parts - 1 && keys > 0 && passed + keys > each * (found.length + 1)) {
        const boundary = at((each * (found.length + 1) - passed) / keys);
        if (boundary === null) break;
        found.push(boundary);
      }
      passed += keys;
    }
    return [...new Set(found)];
  }

  #note(keys: readonly SurveyedKey[]): void {
    const [first] = keys;
    const last = keys.at(-1);
    if (!first || !last) return;
    const marks = keys.filter(({ key }, index) => index % EVERY === 0 || key === last.key);
    for (const { key } of marks) {
      this.#counting.add(key);
      this.#seeking.add(key);
    }
    const bytes = keys.reduce((sum, { size }) => sum + size, 0);
    this.#windows.push({ first: first.key, last: last.key, count: keys.length, marks: marks.map(({ key }) => key), bytes });
    this.#windows.sort((a, b) => compareUtf8(a.first, b.first));
  }

  #ask(after: string, gap: Gap, forTheEnd: boolean): { readonly startAfter: string } {
    this.#asked = { after, gap, forTheEnd };
    return { startAfter: after };
  }

  #end(): { readonly after: string; readonly gap: Gap } | null {
    const gap = this.#gaps.toSorted((a, b) => compareUtf8(a.from, b.from)).at(-1);
    const after = gap && this.#looked <= this.#looks / FOR_THE_END ? this.#ending?.next(gap.from) : null;
    return gap && after != null && lies(after, gap) ? { after, gap } : null;
  }

  #guess(gap: Gap, space: KeySpace): number {
    const position = space.positionOf(gap.from);
    const width = (gap.to === null ? 1 : space.positionOf(gap.to)) - position;
    const behind = this.#windows.findIndex(({ first }) => compareUtf8(first, gap.from) > 0);
    const middle = behind === -1 ? this.#windows.length : behind;
    return Math.max(0, width * this.#density(this.#windows.slice(Math.max(0, middle - NEAR), middle + NEAR), space));
  }

  /** Keys for the whole space, were they everywhere as they are in these windows taken together: a single one may be a dense spot. */
  #density(windows: readonly Window[], space: KeySpace): number {
    const width = windows.reduce((sum, { first, last }) => sum + space.positionOf(last) - space.positionOf(first), 0);
    const steps = windows.reduce((sum, { count }) => sum + count - 1, 0);
    return width > 0 ? steps / width : 0;
  }

  /** Not the very middle: looks at round places alone would show the same characters again and again. */
  #middle({ from, to }: Gap): string | null {
    const start = this.#seeking.positionOf(from);
    const width = (to === null ? 1 : this.#seeking.positionOf(to)) - start;
    const share = ASIDE + (1 - 2 * ASIDE) * ((this.#looked * GOLDEN) % 1);
    return this.#seeking.between(from, to, start + width * share, FURTHER);
  }

  #pieces(): readonly { readonly from: string; readonly keys: number; readonly at: (share: number) => string | null }[] {
    const windows = this.#windows.map(({ first, count, marks }) => ({
      from: first,
      keys: count,
      at: (share: number) => marks[Math.min(marks.length - 1, Math.floor(share * marks.length))] ?? null,
    }));
    const gaps = this.#gaps.map((gap) => {
      const start = this.#counting.positionOf(gap.from);
      const width = (gap.to === null ? 1 : this.#counting.positionOf(gap.to)) - start;
      return {
        from: gap.from,
        keys: this.#guess(gap, this.#counting),
        at: (share: number) => this.#counting.between(gap.from, gap.to, start + share * width),
      };
    });
    return [...windows, ...gaps].sort((a, b) => compareUtf8(a.from, b.from));
  }
}

function lies(text: string, { from, to }: Gap): boolean {
  return compareUtf8(text, from) > 0 && (to === null || compareUtf8(text, to) < 0);
}
