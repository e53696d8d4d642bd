import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { TidemarkError } from '../../core/errors.ts';
import type { Signer } from '../../ports/reports.ts';
import { asAwsFailure } from '../aws/failures.ts';

/** Signs with an asymmetric key of KMS (ECC_NIST_P256), which nobody can take out of it. */
export class KmsSigner implements Signer {
  readonly algorithm = 'ECDSA_SHA_256';
  readonly #client: KMSClient;
  readonly #keyId: string;
  #publicKey: Promise<string> | null = null;

  constructor(client: KMSClient, keyId: string) {
    this.#client = client;
    this.#keyId = keyId;
  }

  publicKey(): Promise<string> {
    this.#publicKey ??= this.#ask().catch((error: unknown) => {
      this.#publicKey = null;
      throw asAwsFailure(error, 'GetPublicKey');
    });
    return this.#publicKey;
  }

  async sign(statement: Uint8Array): Promise<Uint8Array> {
    try {
      const request = { KeyId: this.#keyId, Message: statement, MessageType: 'RAW', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
      return required((await this.#client.send(new SignCommand(request))).Signature);
    } catch (error) {
      throw asAwsFailure(error, 'Sign');
    }
  }

  async #ask(): Promise<string> {
    const { PublicKey } = await this.#client.send(new GetPublicKeyCommand({ KeyId: this.#keyId }));
    return String(createPublicKey({ key: Buffer.from(required(PublicKey)), format: 'der', type: 'spki' }).export({ format: 'pem', type: 'spki' }));
  }
}

function required(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes) return bytes;
  throw new TidemarkError('REJECTED', 'KMS answered without what was asked for');
}
