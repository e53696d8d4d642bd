/**
 * Where a key lies among others, as a number: to guess how many keys lie between two, and what a key half-way would be.
 * A key is read as a number of mixed radix, its digits the characters that were seen at their place: keys that count, hash or name
 * dates then lie evenly. A guess may be poor; what is built on it is exact whatever it says.
 */
import { compareUtf8 } from '../objects/byte-order.ts';

/** Beyond it a double has no more digits to give. */
const DEPTH = 96;
/** Characters that stand for each other. Letters beyond f are no hexadecimal digits, so those up to it are then letters too. */
const RUNS: readonly string[] = ['0123456789', 'abcdef', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEF', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/**
 * What else is taken to be there beside the characters that were seen: those between two of a run, or the whole run.
 * The first counts better once enough was seen, the second leads to where nothing was seen yet.
 */
export type Filling = 'between' | 'whole';

/** What was seen at one place of the keys. */
class Place {
  /** In order. */
  characters: readonly string[] = [];
  /** Some key ends before it. */
  ends = false;
  readonly #seen = new Set<string>();
  readonly #filling: Filling;

  constructor(filling: Filling) {
    this.#filling = filling;
  }

  add(character: string): void {
    if (this.#seen.has(character)) return;
    this.#seen.add(character);
    this.characters = [...new Set([...this.#seen].flatMap((each) => [each, ...this.#beside(each)]))].sort(compareUtf8);
  }

  #beside(character: string): string {
    const run = RUNS.find((each) => each.includes(character)) ?? '';
    if (this.#filling === 'whole') return run;
    const ranks = [...this.#seen].map((each) => run.indexOf(each)).filter((rank) => rank >= 0);
    return run.slice(Math.min(...ranks), Math.max(...ranks) + 1);
  }

  get digits(): number {
    return this.characters.length + (this.ends ? 1 : 0);
  }

  /** @returns its digit, or that of the next one that is known */
  digitOf(character: string): number {
    const rank = this.characters.findIndex((other) => compareUtf8(other, character) >= 0);
    return (this.ends ? 1 : 0) + (rank === -1 ? this.characters.length : rank);
  }

  /** @returns undefined for the end of a key */
  characterAt(digit: number): string | undefined {
    return this.characters[this.ends ? digit - 1 : digit];
  }
}

export class KeySpace {
  readonly #places: Place[] = [];
  readonly #filling: Filling;

  constructor(filling: Filling) {
    this.#filling = filling;
  }

  add(key: string): void {
    const characters = charactersOf(key);
    for (const [index, character] of characters.entries()) this.#placeAt(index).add(character);
    this.#placeAt(characters.length).ends = true;
  }

  /** @returns in [0, 1], in the order of the keys as far as a double tells them apart */
  positionOf(key: string): number {
    let position = 0;
    let width = 1;
    for (const [index, character] of charactersOf(key).entries()) {
      const place = this.#places[index];
      if (!place || place.digits === 0) break;
      width /= place.digits;
      position += width * place.digitOf(character);
      if (!place.characters.includes(character)) break;
    }
    return Math.min(1, position);
  }

  /**
   * @param more characters beyond those that are needed to lie between
   * @returns a text that lies strictly between the two and about at `position`; null where none was found
   */
  between(after: string, before: string | null, position: number, more = 0): string | null {
    let text = '';
    let found: string | null = null;
    let rest = position;
    let left = more;
    for (const place of this.#places) {
      rest *= place.digits;
      const digit = Math.min(place.digits - 1, Math.floor(rest));
      const character = place.characterAt(digit);
      if (character === undefined) break;
      text += character;
      rest -= digit;
      if (!lies(text, after, before)) continue;
      found = text;
      if (left-- === 0) break;
    }
    return found;
  }

  #placeAt(index: number): Place {
    const place = this.#places[index] ?? new Place(this.#filling);
    this.#places[index] = place;
    return place;
  }
}

function lies(text: string, after: string, before: string | null): boolean {
  return compareUtf8(text, after) > 0 && (before === null || compareUtf8(text, before) < 0);
}

function charactersOf(key: string): readonly string[] {
  return [...key.slice(0, 2 * DEPTH)].slice(0, DEPTH).filter((character) => character.isWellFormed());
}
