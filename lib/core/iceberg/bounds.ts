/** A cell as bytes, as manifests keep the smallest and the largest of a column (Iceberg's single-value serialization). */
import { type Cell, decimalOf, type Field } from './schema.ts';

/** Longer texts are cut: a bound must only not be inside the range. */
const TEXT_POINTS = 16;
const LAST_POINT = 0x10ffff;
const utf8 = new TextEncoder();

/** @param which a lower bound may be too small, an upper one too large @returns undefined where there is no such bound */
export function boundOf(type: Field['type'], value: Cell, which: 'lower' | 'upper'): Uint8Array | undefined {
  if (value === null || typeof type !== 'string') return undefined;
  if (type === 'boolean') return Uint8Array.of(value === true ? 1 : 0);
  if (type === 'string') return typeof value === 'string' ? textBound(value, which) : undefined;
  if (decimalOf(type)) return typeof value === 'bigint' ? bigEndian(value) : undefined;
  if (typeof value !== 'number') return undefined;
  const wide = type === 'long' || type === 'timestamptz' || type === 'double';
  const view = new DataView(new ArrayBuffer(wide ? 8 : 4));
  if (type === 'double') view.setFloat64(0, value, true);
  else if (type === 'float') view.setFloat32(0, value, true);
  else if (wide) view.setBigInt64(0, BigInt(value), true);
  else view.setInt32(0, value, true);
  return new Uint8Array(view.buffer);
}

/** Of `long`, `timestamptz`, `int` and `date`. @returns undefined where the bytes are no such number */
export function numberBound(bytes: Uint8Array | undefined): number | undefined {
  if (bytes?.length !== 8 && bytes?.length !== 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 8 ? Number(view.getBigInt64(0, true)) : view.getInt32(0, true);
}

function textBound(value: string, which: 'lower' | 'upper'): Uint8Array | undefined {
  const points = Array.from(value.slice(0, 2 * TEXT_POINTS + 2));
  if (points.length <= TEXT_POINTS) return utf8.encode(value);
  const kept = points.slice(0, TEXT_POINTS);
  if (which === 'lower') return utf8.encode(kept.join(''));
  for (let at = kept.length - 1; at >= 0; at--) {
    const next = following(kept[at]?.codePointAt(0) ?? LAST_POINT);
    if (next !== undefined) return utf8.encode(kept.slice(0, at).join('') + String.fromCodePoint(next));
  }
  return undefined;
}

/** Surrogates are no characters: UTF-8 has none. */
function following(point: number): number | undefined {
  if (point >= LAST_POINT) return undefined;
  return point + 1 >= 0xd800 && point + 1 <= 0xdfff ? 0xe000 : point + 1;
}

function bigEndian(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.unshift(Number(left & 0xffn));
    left >>= 8n;
  } while (!((left === 0n && (bytes[0] ?? 0) < 0x80) || (left === -1n && (bytes[0] ?? 0) >= 0x80)));
  return Uint8Array.from(bytes);
}
