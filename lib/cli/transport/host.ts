/** The API of an embedded host. */
import { type Environment, variable } from '../../config/variable.ts';
import { CliError, EXIT } from '../exit.ts';
import { ask } from './ask.ts';
import type { Addressed, ApiRequest, ByteTransport } from './transport.ts';

/** @param url as `--url` gave it; undefined: this machine, at PORT @throws CliError for what is no address */
export function hostTransport(url: string | undefined, env: Environment): ByteTransport {
  const base = addressOf(url ?? `http://127.0.0.1:${variable(env, 'PORT') ?? '8111'}`);
  const token = tokenOf(env);
  const howToReach = 'Start a host with `npm start`, or name another one with --url.';
  const addressed = ({ path, headers }: ApiRequest): Addressed => ({
    url: new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base),
    headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
  return {
    where: base.href.replace(/\/$/, ''),
    howToAuthenticate: 'Set API_TOKEN to the token of the host, as in `API_TOKEN=… npx tidemark status`.',
    howToReach,
    address: async (request) => addressed(request),
    send: (request) => {
      const { url: at, headers } = addressed(request);
      return ask(at, { method: request.method, headers, ...(request.body === undefined ? {} : { body: request.body }) }, howToReach);
    },
  };
}

/** What no header takes would be told in full by whatever refuses it. */
function tokenOf(env: Environment): string | undefined {
  const token = variable(env, 'API_TOKEN');
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new CliError('API_TOKEN: a token is printable ASCII without spaces and line breaks. Set it to the token of the host, as it is.', EXIT.usage);
}

function addressOf(text: string): URL {
  const url = URL.parse(text);
  if (url && (url.username !== '' || url.password !== '')) {
    throw new CliError(
      '--url: an address holds no user and no password here. Leave them out, and set API_TOKEN to the token of the host.',
      EXIT.usage,
    );
  }
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new CliError(`--url: ${JSON.stringify(text)} is no address. Give one as http://127.0.0.1:8111.`, EXIT.usage);
}
