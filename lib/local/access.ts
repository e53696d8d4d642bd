/** Who may call the API of the embedded host. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access } from '../../lambdas/api/endpoint.ts';
import { ENDPOINTS } from '../../lambdas/api/endpoints.ts';
import type { Problem } from './problem.ts';

export interface Tokens {
  /** Undefined: no token is asked for; the server is bound to this machine then. */
  readonly apiToken?: string | undefined;
  /** Opens POST /events/s3 alone, for the store that sends events. */
  readonly eventsToken?: string | undefined;
}

/** @returns why a request is refused, null when it may pass */
export function refusal(request: IncomingMessage, path: string, { apiToken, eventsToken }: Tokens): Problem | null {
  const access = accessOf(request.method, path);
  if (access === 'open') return null;
  const accepted = [apiToken, access === 'events' ? eventsToken : undefined].filter((token) => token !== undefined);
  if (accepted.length === 0) return isLocal(request) ? null : FOREIGN;
  const given = bearerOf(request);
  // Every token is compared, so that the time tells nothing of which one was close.
  const matches = accepted.map((token) => sameText(given, token));
  return matches.includes(true) ? null : UNAUTHORIZED;
}

/** Of a request that was let in. */
export function callerOf({ apiToken }: Tokens): 'token' | 'local' {
  return apiToken === undefined ? 'local' : 'token';
}

/** What its endpoint declares; what is written with parameters is an operator's. */
function accessOf(method: string | undefined, path: string): Access {
  const asked = method === 'HEAD' ? 'GET' : method;
  return ENDPOINTS.find((each) => each.path === path && each.method === asked)?.access ?? 'operator';
}

const UNAUTHORIZED: Problem = {
  status: 401,
  title: 'Unauthorized',
  detail: 'Send the header "Authorization: Bearer <token>" with the value of API_TOKEN (for POST /events/s3 that of EVENTS_TOKEN will do).',
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
  return host !== undefined && isLoopbackName(`http://${host}`) && (origin === undefined || isLoopbackName(origin));
}

function isLoopbackName(origin: string): boolean {
  const name = URL.parse(origin)?.hostname ?? '';
  return name === 'localhost' || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}
