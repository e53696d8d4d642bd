/**
 * S3 lists in UTF-8 byte order; `<` on strings compares UTF-16 units, which puts U+10000 and above before U+E000 (trap 43).
 * @returns negative, 0 or positive
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    // Surrogates stand for code points above all others: the two orders differ only where one of them is involved.
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
