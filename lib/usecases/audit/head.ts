/** Signed heads: what was true of the chain at a moment. */
import { createPublicKey } from 'node:crypto';
import type { SeenHead } from '../../core/audit/chain.ts';
import type { SignedHead } from '../../core/audit/head.ts';
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

/** The text says what the signature is for. */
function statementOf(canonical: Canonical, { length, hash, at }: Head): Buffer {
  return Buffer.from(`tidemark.audit-head/1 ${canonical({ length, hash, at })}\n`, 'utf8');
}
