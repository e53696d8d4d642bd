/** The API of a stack on AWS: found by the stack's outputs, each request signed by the standard credential chain, or with a JWT. */
import { readOutputs, regionInUse } from '../../adapters/cloudformation/stack-outputs.ts';
import { type Environment, variable } from '../../config/variable.ts';
import { CliError } from '../exit.ts';
import { ask } from './ask.ts';
import { signer } from './signer.ts';
import type { Transport } from './transport.ts';

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
