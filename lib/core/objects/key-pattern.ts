/** Selecting keys by a prefix, or by a pattern in which `%` stands for any run of characters and everything else for itself. */

export interface KeyPattern {
  /** What every matching key begins with: bounds the range to read. */
  readonly prefix: string;
  matches(key: string): boolean;
}

export const EVERY_KEY: KeyPattern = { prefix: '', matches: () => true };

/** Case-sensitive. Without a `%` it is a prefix; with one, the whole key must match. */
export function keyPattern(text: string): KeyPattern {
  const [prefix = '', ...rest] = text.split('%');
  const suffix = rest.pop();
  if (suffix === undefined) return { prefix, matches: (key) => key.startsWith(prefix) };
  const middles = rest.filter((part) => part !== '');
  return {
    prefix,
    matches: (key) => {
      if (!key.startsWith(prefix)) return false;
      // The leftmost place of each part leaves the most room for the next: no backtracking.
      let from = prefix.length;
      for (const part of middles) {
        const at = key.indexOf(part, from);
        if (at === -1) return false;
        from = at + part.length;
      }
      return key.length - suffix.length >= from && key.endsWith(suffix);
    },
  };
}
