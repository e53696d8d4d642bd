/** Who may call the API of the embedded host. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../../lambdas/api/endpoint.ts';
import { ENDPOINTS } from '../../lambdas/api/endpoints.ts';
import { findEndpoint } from '../../lambdas/api/router.ts';
import type { Bearer, JwtVerifier } from '../adapters/jwt/verifier.ts';
import { SIGNED_ADDRESS } from '../usecases/gateway/actors.ts';
import { isOwnAddress } from '../usecases/gateway/own-address.ts';
import type { Problem } from './problem.ts';

export interface Tokens {
  /** Opens everything. Undefined, and no issuer either: nothing is asked for; the server is bound to this machine then. */
  readonly apiToken?: string | undefined;
  /** Opens POST /events/s3 alone, for the store that sends events. */
  readonly eventsToken?: string | undefined;
  /** Opens reading and writing objects alone. */
  readonly objectsToken?: string | undefined;
  /** JSON web tokens are believed as well. */
  readonly jwt?: JwtVerifier | undefined;
  /** Signs addresses of objects, which then need no token. */
  readonly addresses?: { check(request: SignedRequest): string | null } | undefined;
}

/** A request that claims to be signed by us. */
export interface SignedRequest {
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export type Admission = { readonly actor: string } | { readonly refused: Problem };

/** Of tokens: what may do everything, and what may read and write objects. */
const SCOPES = { operator: 'tidemark/admin', objects: 'tidemark/objects' } as const;

/** What alone a signed address opens. */
const OBJECT = '/objects/{key+}';

/** @param path without the query. @throws TidemarkError UNAVAILABLE where the keys of an issuer cannot be had */
export async function admit(request: IncomingMessage, path: string, tokens: Tokens): Promise<Admission> {
  const { access, at, key } = asked(request.method, path);
  if (access === 'open') return { actor: 'anyone' };
  if (at === OBJECT && key !== undefined && tokens.addresses) {
    const query = new URLSearchParams((request.url ?? '').slice(path.length + 1));
    if (isOwnAddress({ query })) {
      const problem = tokens.addresses.check({ key, method: request.method ?? 'GET', path, query, headers: request.headers });
      return problem ? { refused: badAddress(problem) } : { actor: SIGNED_ADDRESS };
    }
  }
  const { apiToken, eventsToken, objectsToken, jwt } = tokens;
  const accepted = [apiToken, access === 'events' ? eventsToken : undefined, access === 'objects' ? objectsToken : undefined].filter(
    (each) => each !== undefined,
  );
  const given = bearerOf(request);
  // Every token is compared, so that the time tells nothing of which one was close.
  if (accepted.map((token) => sameText(given, token)).includes(true)) return { actor: 'token' };
  if (jwt && given.split('.').length === 3) return byToken(await jwt.verify(given), access);
  // Whoever closes objects means no switch of their region to be open.
  if (objectsToken !== undefined || jwt || accepted.length > 0) return { refused: UNAUTHORIZED };
  return isLocal(request) ? { actor: 'local' } : { refused: FOREIGN };
}

function byToken(bearer: Bearer | null, access: Access): Admission {
  if (!bearer) return { refused: UNAUTHORIZED };
  const fitting: readonly string[] = access === 'objects' ? [SCOPES.objects, SCOPES.operator] : [SCOPES.operator];
  if (bearer.scopes.some((scope) => fitting.includes(scope))) return { actor: `jwt:${bearer.subject}` };
  return { refused: { status: 403, title: 'Forbidden', detail: `The token lacks the scope ${fitting.join(' or ')}: ask its issuer for it.` } };
}

/** What its endpoint declares, where that is, and the key that it names; what is at no endpoint is an operator's. */
function asked(method: string | undefined, path: string): { readonly access: Access; readonly at?: string; readonly key?: string | undefined } {
  try {
    const { endpoint, params } = findEndpoint(ENDPOINTS, method ?? 'GET', path);
    return { access: endpoint.access ?? 'operator', at: endpoint.path, key: params.key };
  } catch {
    return { access: 'operator' };
  }
}

function badAddress(problem: string): Problem {
  return { status: 403, title: 'Forbidden', detail: `This signed address opens nothing: ${problem}. POST /sign makes a new one.` };
}

const UNAUTHORIZED: Problem = {
  status: 401,
  title: 'Unauthorized',
  detail:
    'Send the header "Authorization: Bearer <token>" with the value of API_TOKEN (OBJECTS_TOKEN will do for objects, EVENTS_TOKEN for POST /events/s3), or a token of the configured issuer.',
  headers: { 'www-authenticate': 'Bearer realm="tidemark"' },
};

const FOREIGN: Problem = {
  status: 403,
  title: 'Forbidden',
  detail:
    'Without API_TOKEN only requests to localhost that no web page of another origin made are answered. Set API_TOKEN to call it under another name.',
};

/** MinIO sends the bare token, others with the scheme. */
function bearerOf(request: IncomingMessage): string {
  return (request.headers.authorization ?? '').replace(/^bearer\s+/i, '');
}

/** In constant time, whatever the lengths. */
function sameText(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

/** A web page that the user happens to open must not reach the API through their browser, by whatever name it resolves to this machine. */
function isLocal(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  return host !== undefined && isLoopbackName(`http://${host}`) && (origin === undefined || isLoopbackName(origin)) && !isPartOfForeignPage(request);
}

/** As browsers tell it of what names no origin: a script, an image, a frame. A link that a person follows is none of these. */
function isPartOfForeignPage({ method, headers }: IncomingMessage): boolean {
  if (headers['sec-fetch-site'] !== 'cross-site') return false;
  return method !== 'GET' || headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}

function isLoopbackName(origin: string): boolean {
  const name = URL.parse(origin)?.hostname ?? '';
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
