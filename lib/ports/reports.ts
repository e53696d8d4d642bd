import type { SignatureAlgorithm } from '../core/verify/algorithms.ts';
import type { Body } from './objects.ts';

/** Keeps what comparisons found: files of lines, named by us alone. */
export interface ReportStore {
  /** Replaces what was there; durable when it resolves. @param size of the body in bytes */
  put(name: string, size: number, body: Body): Promise<void>;
  /** @returns null where there is none */
  read(name: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** @returns where it can be fetched: an address that is good for some minutes, or a path of the API's own host */
  link(name: string): Promise<string>;
}

/** Signs what only its holder can have said. Its private key never leaves it. */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** PEM (SubjectPublicKeyInfo). */
  publicKey(): Promise<string>;
  /** @param statement at most 4,096 bytes */
  sign(statement: Uint8Array): Promise<Uint8Array>;
}
