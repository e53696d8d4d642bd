/** How reports are signed: by a key of the embedded host, or by one of KMS. */
export const SIGNATURE_ALGORITHMS = ['Ed25519', 'ECDSA_SHA_256'] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
