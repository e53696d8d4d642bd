/** The API of a stack on AWS: found by the stack's outputs, each request signed by the standard credential chain, or with a JWT. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { SignatureV4 } from '@smithy/signature-v4';
import { readOutputs, regionInUse } from '../../adapters/cloudformation/stack-outputs.ts';
import { type Environment, variable } from '../../config/variable.ts';
import { TidemarkError } from '../../core/errors.ts';
import { CliError } from '../exit.ts';
import { ask } from './ask.ts';
import type { ApiRequest, Transport } from './transport.ts';

/** @throws CliError, TidemarkError with what to do when the stack or its API cannot be found */
export async function awsTransport(stack: string, region: string | undefined, env: Environment): Promise<Transport> {
  const outputs = await readOutputs(stack, region);
  const api = URL.parse(outputs.ApiUrl ?? '');
  if (!api) throw new CliError(`stack ${stack} has no ApiUrl: routes start in another region. Name the stack of a region that a route starts in.`);
  const token = variable(env, 'TIDEMARK_TOKEN');
  const sign = token === undefined ? signer(await regionInUse(region)) : undefined;
  return {
    where: `${stack} (${api.origin})`,
    howToAuthenticate:
      token === undefined
        ? 'Your AWS credentials need execute-api:Invoke on this API; where it takes JSON web tokens instead, set TIDEMARK_TOKEN.'
        : 'Set TIDEMARK_TOKEN to a token that is still valid and meant for this API.',
    send: async (request) => {
      const url = new URL(request.path, api);
      const headers = sign ? await sign(url, request) : { ...request.headers, authorization: `Bearer ${token}` };
      const init = { method: request.method, headers, ...(request.body === undefined ? {} : { body: request.body }) };
      return ask(url, init, `Look whether stack ${stack} is still deployed, and whether you are online.`);
    },
  };
}

function signer(region: string): (url: URL, request: ApiRequest) => Promise<Record<string, string>> {
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
