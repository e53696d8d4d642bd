import { SIGNATURE_ALGORITHMS, type SignatureAlgorithm } from '../verify/algorithms.ts';

/** What was true of the chain at a moment, signed: kept where whoever can change the chain cannot change it. */
export interface SignedHead {
  /** The sequence of the newest entry. */
  readonly length: number;
  /** Of the newest entry, hex. */
  readonly hash: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly algorithm: SignatureAlgorithm;
  /** base64 of the DER. */
  readonly publicKey: string;
  /** base64, over the statement that usecases/audit/head.ts makes of it. */
  readonly signature: string;
}

/** @returns null for what has not the shape of a signed head, whoever wrote it @param text JSON, or what is left of it */
export function parsedHead(text: string): SignedHead | null {
  try {
    const value: unknown = JSON.parse(text);
    return isSignedHead(value) ? value : null;
  } catch {
    return null;
  }
}

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
