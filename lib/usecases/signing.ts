/** Signatures that name their key, whatever they are of. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SignatureAlgorithm } from '../core/verify/algorithms.ts';
import type { Signer } from '../ports/reports.ts';

export interface Signature {
  readonly algorithm: SignatureAlgorithm;
  /** base64 of the DER. */
  readonly publicKey: string;
  /** base64. */
  readonly signature: string;
}

const HASH_OF: Readonly<Record<SignatureAlgorithm, string | null>> = { Ed25519: null, ECDSA_SHA_256: 'sha256' };
const KEY_OF: Readonly<Record<SignatureAlgorithm, string>> = { Ed25519: 'ed25519', ECDSA_SHA_256: 'ec' };

/** @param statement at most 4,096 bytes: KMS signs no more; its text says what the signature is for */
export async function signatureOf(signer: Signer, statement: Uint8Array): Promise<Signature> {
  const [key, signature] = await Promise.all([signer.publicKey(), signer.sign(statement)]);
  return { algorithm: signer.algorithm, publicKey: derOf(createPublicKey(key)), signature: Buffer.from(signature).toString('base64') };
}

/** The key that it names; null where it or its signature cannot be read. */
export function keyOf({ algorithm, publicKey, signature }: Signature): KeyObject | null {
  if (!isBase64(publicKey) || !isBase64(signature)) return null;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === KEY_OF[algorithm] && derOf(key) === publicKey ? key : null;
  } catch {
    return null;
  }
}

/** True where this key signed the statement so. */
export function isSignedBy(key: KeyObject, { algorithm, signature }: Signature, statement: Uint8Array): boolean {
  return verify(HASH_OF[algorithm], statement, key, Buffer.from(signature, 'base64'));
}

/** base64 of the key's DER. */
export function derOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

/** As we write it: the last character of base64 may hold bits that mean nothing. */
function isBase64(text: string): boolean {
  return Buffer.from(text, 'base64').toString('base64') === text;
}
