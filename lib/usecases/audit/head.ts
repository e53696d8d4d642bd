/** Signed heads: what was true of the chain at a moment. */
import { createPublicKey } from 'node:crypto';
import type { SeenHead } from '../../core/audit/chain.ts';
import { SIGNATURE_ALGORITHMS } from '../../core/verify/algorithms.ts';
import type { SignedHead } from '../../ports/audit.ts';
import type { Signer } from '../../ports/reports.ts';
import { derOf, isSignedBy, keyOf, signatureOf } from '../signing.ts';
import type { Canonical } from './stored.ts';

type Head = Pick<SignedHead, 'length' | 'hash' | 'at'>;

export async function signHead(canonical: Canonical, signer: Signer, head: Head): Promise<SignedHead> {
  return { ...head, ...(await signatureOf(signer, statementOf(canonical, head))) };
}

/** @param publicKey the one that is believed, PEM */
export function seenHead(canonical: Canonical, head: SignedHead, publicKey: string): SeenHead {
  const key = keyOf(head);
  const believed = key !== null && derOf(key) === derOf(createPublicKey(publicKey));
  return { length: head.length, hash: head.hash, authentic: believed && isSignedBy(key, head, statementOf(canonical, head)) };
}

/** True for what has the shape of a signed head, whoever wrote it. */
export function isSignedHead(value: unknown): value is SignedHead {
  if (typeof value !== 'object' || value === null) return false;
  const { length, at, hash, publicKey, signature, algorithm }: Readonly<Record<string, unknown>> = { ...value };
  return (
    typeof length === 'number' &&
    length >= 1 &&
    [length, at].every(Number.isSafeInteger) &&
    [hash, publicKey, signature].every((text) => typeof text === 'string') &&
    SIGNATURE_ALGORITHMS.some((known) => known === algorithm)
  );
}

/** The text says what the signature is for. */
function statementOf(canonical: Canonical, { length, hash, at }: Head): Buffer {
  return Buffer.from(`tidemark.audit-head/1 ${canonical({ length, hash, at })}\n`, 'utf8');
}
