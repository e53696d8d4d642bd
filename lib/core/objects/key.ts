export const MAX_KEY_BYTES = 1024;

/** @returns why this cannot be the key of an object, or null when it can */
export function keyProblem(key: string): string | null {
  if (key === '') return 'a key is at least one character long';
  if (!key.isWellFormed()) return 'the key is not valid Unicode (a lone surrogate)';
  if (key.includes('\0')) return 'a key holds no NUL character';
  const bytes = Buffer.byteLength(key, 'utf8');
  return bytes > MAX_KEY_BYTES ? `the key has ${bytes} bytes of UTF-8, ${MAX_KEY_BYTES} at most are possible` : null;
}
