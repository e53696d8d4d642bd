/** The last line of a report: a signature over all that stands before it. */
import { createHash, createPublicKey } from 'node:crypto';
import { SIGNATURE_ALGORITHMS } from '../../core/verify/algorithms.ts';
import type { Signer } from '../../ports/reports.ts';
import { isSignedBy, keyOf, type Signature, signatureOf } from '../signing.ts';

export interface SignatureLine extends Signature {
  readonly type: 'signature';
  /** SHA-256 of every byte before this line, hex. */
  readonly digest: string;
}

/** What is signed: KMS signs no more than 4 KB, and a text says what the signature is for. */
function statementOf(digest: string): Buffer {
  return Buffer.from(`tidemark.report/1 sha256:${digest}\n`, 'utf8');
}

/** @param digest SHA-256 of every byte before, hex */
export async function signatureLine(signer: Signer, digest: string): Promise<string> {
  return textOf({ type: 'signature', digest, ...(await signatureOf(signer, statementOf(digest))) });
}

/** How people tell keys apart: SHA-256 of the key's DER, hex. */
export function keyId(publicKey: string): string {
  return createHash('sha256')
    .update(createPublicKey(publicKey).export({ format: 'der', type: 'spki' }))
    .digest('hex');
}

/**
 * @param line as it stands in the file, with its end
 * @param digest of what really stands before it
 * @returns the key that signed, in PEM; or what is wrong, for a person
 */
export function checkSignature(line: Buffer, digest: string): { readonly publicKey: string } | { readonly problem: string } {
  const claimed = parsed(line);
  // The same in other characters would be a report that was touched.
  if (!claimed || !line.equals(Buffer.from(textOf(claimed), 'utf8'))) return { problem: 'its last line is no signature: it was cut or changed' };
  const key = keyOf(claimed);
  if (!key) return { problem: 'its last line holds no key or signature that can be read: it was changed' };
  if (claimed.digest !== digest) return { problem: 'its lines are not those that were signed: at least one byte was changed' };
  if (!isSignedBy(key, claimed, statementOf(digest))) {
    return { problem: 'its signature does not fit its lines: one of them was changed' };
  }
  return { publicKey: String(key.export({ format: 'pem', type: 'spki' })) };
}

function textOf({ type, algorithm, digest, publicKey, signature }: SignatureLine): string {
  return `${JSON.stringify({ type, algorithm, digest, publicKey, signature })}\n`;
}

function parsed(line: Buffer): SignatureLine | null {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return null;
  }
  return isSignature(value) ? value : null;
}

function isSignature(value: unknown): value is SignatureLine {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return (
    fields.type === 'signature' &&
    SIGNATURE_ALGORITHMS.some((algorithm) => algorithm === fields.algorithm) &&
    [fields.digest, fields.publicKey, fields.signature].every((text) => typeof text === 'string')
  );
}
