import { RequestError } from '../shared/problem.ts';
import type { Endpoint } from './endpoint.ts';

export interface Found {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * A path that is written out goes before one with parameters: GET /events/ingest asks for no event of that name.
 * @throws RequestError 400 for a path that cannot be decoded, 404, or 405 with what is allowed
 */
export function findEndpoint(endpoints: readonly Endpoint[], method: string, path: string): Found {
  const literal = endpoints.filter((endpoint) => endpoint.path === path);
  const candidates = literal.length > 0 ? literal : endpoints;
  const found = candidates.flatMap((endpoint): Found[] => {
    const params = match(endpoint.path, path);
    return params ? [{ endpoint, params }] : [];
  });
  if (found.length === 0) {
    throw new RequestError(404, 'there is nothing at this path', [
      { field: 'path', message: 'there is nothing here', fix: 'See GET /api/docs for what there is.' },
    ]);
  }
  const asked = method === 'HEAD' ? 'GET' : method;
  const chosen = found.find(({ endpoint }) => endpoint.method === asked);
  if (chosen) return chosen;
  const allowed = found.map(({ endpoint }) => (endpoint.method === 'GET' ? 'GET, HEAD' : endpoint.method)).join(', ');
  const error = { field: 'method', message: `this path takes ${allowed}`, fix: `Send ${allowed}.` };
  throw new RequestError(405, `method: ${error.message}`, [error], { allow: allowed });
}

/** @returns the parameters, or null when it is another path */
function match(pattern: string, path: string): Record<string, string> | null {
  const written = pattern.indexOf('{');
  // Most are told apart by how they begin, for less.
  if (written < 0 ? pattern !== path : !path.startsWith(pattern.slice(0, written))) return null;
  const wanted = pattern.split('/');
  const isOpen = pattern.endsWith('+}');
  const given = isOpen ? joinedFrom(path.split('/'), wanted.length - 1) : path.split('/');
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    const decoded = name === undefined ? null : decode(name, value);
    if (name !== undefined && decoded) params[name] = decoded;
    else if (part !== value) return null;
  }
  return params;
}

/** The last part takes all that follows: keys hold slashes. */
function joinedFrom(parts: readonly string[], index: number): readonly string[] {
  return parts.length > index ? [...parts.slice(0, index), parts.slice(index).join('/')] : parts;
}

function decode(field: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    const message = 'it is not percent-encoded UTF-8';
    throw new RequestError(400, `${field}: ${message}`, [
      { field, message, fix: 'Encode it once, as encodeURIComponent does: a percent sign itself is %25.' },
    ]);
  }
}
