/** The API of a stack on AWS: found by the stack's outputs, each request signed by the standard credential chain, or with a JWT. */
import { readOutputs, regionInUse } from '../../adapters/cloudformation/stack-outputs.ts';
import { type Environment, variable } from '../../config/variable.ts';
import { CliError } from '../exit.ts';
import { ask } from './ask.ts';
import { signer } from './signer.ts';
import type { Addressed, ApiRequest, ByteTransport } from './transport.ts';

/**
 * Lambda takes events of 6 MB, in which the bytes of a body stand as base64.
 * What is larger goes to the bucket itself, by a signed address.
 */
const WHOLE_BYTES = 4_000_000;

/** By the names of the stack's outputs. */
const APIS = {
  ApiUrl: 'routes start in another region. Name the stack of a region that a route starts in',
  GatewayUrl: 'it serves no gateway. Name the stack of a region of the gateway',
} as const;
export type ApiOutput = keyof typeof APIS;

/** @throws CliError, TidemarkError with what to do when the stack or its API cannot be found */
export async function awsTransport(stack: string, region: string | undefined, env: Environment, output: ApiOutput): Promise<ByteTransport> {
  const outputs = await readOutputs(stack, region);
  const api = URL.parse(outputs[output] ?? '');
  if (!api) throw new CliError(`stack ${stack} has no ${output}: ${APIS[output]}.`);
  const token = variable(env, 'TIDEMARK_TOKEN');
  const sign = token === undefined ? signer(await regionInUse(region)) : undefined;
  const howToReach = `Look whether stack ${stack} is still deployed, and whether you are online.`;
  const address = async (request: ApiRequest): Promise<Addressed> => {
    const url = new URL(request.path, api);
    return { url, headers: sign ? await sign(url, request) : { ...request.headers, authorization: `Bearer ${token}` } };
  };
  return {
    where: `${stack} (${api.origin})`,
    howToAuthenticate:
      token === undefined
        ? 'Your AWS credentials need execute-api:Invoke on this API; where it takes JSON web tokens instead, set TIDEMARK_TOKEN.'
        : 'Set TIDEMARK_TOKEN to a token that is still valid and meant for this API.',
    howToReach,
    wholeBytes: WHOLE_BYTES,
    address,
    send: async (request) => {
      const { url, headers } = await address(request);
      return ask(url, { method: request.method, headers, ...(request.body === undefined ? {} : { body: request.body }) }, howToReach);
    },
  };
}
