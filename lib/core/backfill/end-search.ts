/**
 * Finds about where a listing ends, which a store does not tell: looks behind all that begins like the last key known, at the least
 * depth at which anything follows, until nothing does.
 *
 *   known: logs/01/a … logs/03/b        behind logs/…  nothing     (the depth lies deeper)
 *                                       behind logs/0… logs/1…     (found; now along this depth)
 *                                       behind logs/1… nothing     (the end)
 */

/** Sorts after every key that begins with what stands before it. */
const LAST = '\u{10FFFF}';

export class EndSearch {
  /** Characters that all keys from here on share: nothing lies behind them. */
  #shared: number;
  /** Something lay behind as many characters; before the first look, a depth at which keys are known to differ. */
  #differs: number;
  #stepping = false;
  #over = false;

  /** @param known two keys, the first and the last of what was seen */
  constructor(prefix: string, [first, last]: readonly [string, string]) {
    this.#shared = [...prefix].length;
    this.#differs = Math.max(this.#shared, sharedCharacters(first, last)) + 1;
  }

  /** @returns after which text to look; null when the end is known well enough */
  next(lastKnown: string): string | null {
    const characters = [...lastKnown];
    if (this.#over || characters.length <= this.#shared) return null;
    return `${characters.slice(0, this.#depth()).join('')}${LAST}`;
  }

  found(anything: boolean): void {
    const depth = this.#depth();
    if (anything) {
      this.#differs = depth;
      this.#stepping = depth === this.#shared + 1;
    } else {
      this.#over = this.#stepping || depth >= this.#differs;
      this.#shared = depth;
    }
  }

  /** Half-way between what is shared and what differs; then along the depth that was found. */
  #depth(): number {
    return Math.ceil((this.#shared + this.#differs) / 2);
  }
}

function sharedCharacters(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const differs = left.findIndex((character, index) => character !== right[index]);
  return differs === -1 ? left.length : differs;
}
