/**
 * 53 bits of a string, base 36 (cyrb53, public domain). It names and compares states of one key;
 * it is no proof of content and guards nothing against an attacker.
 */
export function shortHash(text: string): string {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const ch = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ ch, 2654435761);
    h2 = Math.imul(h2 ^ ch, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36);
}

/** A map as one canonical string, whatever the order its entries came in. */
export function canonicalMap(map: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.keys(map)
      .sort()
      .map((name) => [name, map[name]]),
  );
}
