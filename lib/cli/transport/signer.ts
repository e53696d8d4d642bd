/** Signs requests by the standard credential chain: environment, profile, single sign-on, role. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { TidemarkError } from '../../core/errors.ts';
import type { ApiRequest } from './transport.ts';

/** Signature Version 4, as API Gateway asks for it. @throws TidemarkError ACCESS_DENIED, when it signs, where there are no credentials */
export function signer(region: string): (url: URL, request: ApiRequest) => Promise<Record<string, string>> {
  const signature = new SignatureV4({ service: 'execute-api', region, credentials: defaultProvider(), sha256: Sha256 });
  return async (url, { method, headers, body }) => {
    const query = Object.fromEntries(url.searchParams);
    const { hostname, protocol, pathname: path } = url;
    try {
      const signed = await signature.sign({ method, protocol, hostname, path, query, headers: { ...headers, host: url.host }, body });
      // fetch sets the host itself, from the address.
      const { host: _host, ...sent } = signed.headers;
      return sent;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TidemarkError(
        'ACCESS_DENIED',
        `there are no AWS credentials to sign with (${why}): run \`aws sso login\`, or set AWS_PROFILE`,
        {},
        error,
      );
    }
  };
}

/** As the signer wants a hash: with a key, it is an HMAC. */
class Sha256 {
  readonly #secret: string | Uint8Array | undefined;
  #hash: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#secret = typeof secret === 'string' || secret instanceof Uint8Array ? secret : undefined;
    this.#hash = this.#begin();
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : ArrayBuffer.isView(data) ? bytesOf(data) : new Uint8Array(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Hash | Hmac {
    return this.#secret === undefined ? createHash('sha256') : createHmac('sha256', this.#secret);
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
