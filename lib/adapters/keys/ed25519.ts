import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { TidemarkError } from '../../core/errors.ts';
import type { Signer } from '../../ports/reports.ts';
import { readOrMake } from './key-file.ts';

/** Signs with a key that lies in a file of this machine. */
export class Ed25519Signer implements Signer {
  readonly algorithm = 'Ed25519';
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  async publicKey(): Promise<string> {
    return String(createPublicKey(this.#key).export({ format: 'pem', type: 'spki' }));
  }

  async sign(statement: Uint8Array): Promise<Uint8Array> {
    return sign(null, statement, this.#key);
  }
}

/**
 * @param path of the private key (PEM); made where there is none, for its owner alone
 * @throws TidemarkError INVALID_CONFIG where it cannot be read or made, or is no such key
 */
export function openEd25519Signer(path: string): Ed25519Signer {
  try {
    const key = createPrivateKey(readOrMake(path, newKey));
    if (key.asymmetricKeyType === 'ed25519') return new Ed25519Signer(key);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TidemarkError('INVALID_CONFIG', `the key that signs reports cannot be used, ${path}: ${why}`, { path }, error);
  }
  throw new TidemarkError('INVALID_CONFIG', `the key that signs reports is no Ed25519 key, ${path}: put the former one back, or remove it`, { path });
}

function newKey(): string {
  return String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }));
}
