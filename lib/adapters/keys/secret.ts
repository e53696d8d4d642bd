import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TidemarkError } from '../../core/errors.ts';

const BYTES = 32;

/**
 * Random bytes that only this installation has, in a file of its owner alone; made where there is none.
 * @throws TidemarkError INVALID_CONFIG where it cannot be read or made, or is no such key
 */
export function openSecret(path: string): Uint8Array {
  try {
    const secret = read(path) ?? make(path);
    if (secret.length === BYTES) return secret;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TidemarkError('INVALID_CONFIG', `the key that signs addresses cannot be used, ${path}: ${why}`, { path }, error);
  }
  throw new TidemarkError(
    'INVALID_CONFIG',
    `the key that signs addresses has not ${BYTES} bytes, ${path}: remove it, and addresses signed before end`,
    { path },
  );
}

function read(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Two processes may begin at once: the first one's key is taken by both, whole. */
function make(path: string): Uint8Array {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, randomBytes(BYTES), { mode: 0o600, flush: true });
  try {
    linkSync(own, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readFileSync(path);
}
