/** Where a key lives below a folder root. Pure: a key has exactly these paths, and each path names exactly one key. */
import { createHash } from 'node:crypto';

/** Everything of ours lies below this name at the root; no key is plain there. */
export const RESERVED = '.tidemark';
export const ENCODED = `${RESERVED}/encoded`;
export const SIDECARS = `${RESERVED}/meta`;
export const TEMPORARY = `${RESERVED}/tmp`;
export const MARKER = `${RESERVED}/marker`;
export const MOUNTS = `${RESERVED}/mounts`;
/** ext4 makes it at the root of each file system, for its administrator alone. */
export const LOST_AND_FOUND = 'lost+found';

/** What Linux file systems take in one name. */
const MAX_NAME_BYTES = 255;
const MAX_KEY_BYTES = 1024;
const CHUNK = 200;
/** Ends the folders of a long encoded key; it is in no encoded text, so that no folder is ever in the way of a file. */
const FOLDER_END = '=';

/** False for what no S3 bucket holds either: empty, over 1,024 bytes of UTF-8, or no Unicode text. */
export function isKey(key: string): boolean {
  return key !== '' && key.isWellFormed() && Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

/** @returns the path at which a person finds or drops the object, relative to the root; null where no such path exists */
export function plainPath(key: string): string | null {
  const names = key.split('/');
  return names[0] !== RESERVED && names.every(isPlainName) ? key : null;
}

/** @returns the key of a file below the root, null for what is ours */
export function keyOfPlain(path: string): string | null {
  return isKey(path) && plainPath(path) === path ? path : null;
}

/**
 * The path of any key, for those without a plain path and those whose plain path is taken, relative to the root:
 * percent-encoded in a small alphabet, in pieces of 200 characters.
 */
export function encodedPath(key: string): string {
  const text = encodeURIComponent(key).replace(/[.!~*'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const names: string[] = [];
  for (let start = 0; start < text.length; start += CHUNK) {
    const piece = text.slice(start, start + CHUNK);
    names.push(start + CHUNK < text.length ? piece + FOLDER_END : piece);
  }
  return `${ENCODED}/${names.join('/')}`;
}

/** @returns the key of a file in the encoded area (path relative to the root), null for what this system never made */
export function keyOfEncoded(path: string): string | null {
  const text = path.slice(ENCODED.length + 1).replaceAll(`${FOLDER_END}/`, '');
  const key = decode(text);
  return key !== null && isKey(key) && encodedPath(key) === path ? key : null;
}

/** The path of a key's sidecar, relative to the root; a hash, since nobody needs to read it back. */
export function sidecarPath(key: string): string {
  const hash = createHash('sha256').update(key).digest('hex');
  return `${SIDECARS}/${hash.slice(0, 1)}/${hash.slice(1)}`;
}

function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('\0') && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
