/** Objects that say themselves what they are, and whether they are whole. */
import { createHash } from 'node:crypto';

export function bodyOf(key: string, version: number, bytes: number): string {
  const text = `${version} ${key} `.padEnd(bytes, 'x');
  return `${text}\n${hash(text)}`;
}

/** @returns null for what was never written as a whole */
export function versionOf(key: string, body: string): number | null {
  const end = body.lastIndexOf('\n');
  const text = body.slice(0, end);
  const version = Number.parseInt(text, 10);
  const isWhole = text.startsWith(`${version} ${key} `) && hash(text) === body.slice(end + 1);
  return isWhole ? version : null;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
