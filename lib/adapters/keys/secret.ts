import { randomBytes } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import { readOrMake } from './key-file.ts';

const BYTES = 32;

/**
 * Random bytes that only this installation has, in a file of its owner alone; made where there is none.
 * @throws TidemarkError INVALID_CONFIG where it cannot be read or made, or is no such key
 */
export function openSecret(path: string): Uint8Array {
  try {
    const secret = readOrMake(path, () => randomBytes(BYTES));
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
