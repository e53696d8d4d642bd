import type { SQLOutputValue } from 'node:sqlite';

/** A key as it is read from its column, which holds UTF-8 bytes. */
export function keyOf(value: SQLOutputValue | undefined): string {
  if (!(value instanceof Uint8Array)) throw new TypeError('a key is stored as bytes');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('utf8');
}
