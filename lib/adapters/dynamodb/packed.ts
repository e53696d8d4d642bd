import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * A text as an attribute: as it is where it fits, so that a person can read it; deflated where a write unit may be saved.
 * @param room bytes
 */
export function packed(text: string, room: number): string | Uint8Array {
  return Buffer.byteLength(text) <= room ? text : deflateRawSync(text, { level: 9 });
}

export function unpacked(value: unknown): string {
  return value instanceof Uint8Array ? inflateRawSync(value).toString('utf8') : String(value);
}

/** True for two attributes of the same text. */
export function samePacked(a: unknown, b: unknown): boolean {
  return a !== undefined && b !== undefined && unpacked(a) === unpacked(b);
}
