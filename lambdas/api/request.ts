import { isUtf8 } from 'node:buffer';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type * as z from 'zod';
import { check, type FieldProblem } from '../../lib/config/field-problems.ts';
import { RequestError } from '../shared/problem.ts';
import { actorOf } from './actor.ts';

export interface ApiRequest {
  readonly method: string;
  /** As sent, still percent-encoded. */
  readonly path: string;
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Without the question mark. */
  readonly query: string;
  /** The body as it was sent. */
  readonly text: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
  /** Who calls: see AuditEvent. */
  readonly actor: string;
  /** When it arrived, ms since the epoch. */
  readonly at: number;
}

/** One message of the queue holds as much; larger bodies would have to be cut. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** @throws RequestError 413 for a body over 1 MiB, 400 for one that is not UTF-8 */
export function readRequest(event: APIGatewayProxyEventV2): Omit<ApiRequest, 'params'> {
  const { http, requestId, timeEpoch } = event.requestContext;
  const bytes = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > MAX_BODY_BYTES) throw tooLarge(bytes.length);
  if (!isUtf8(bytes)) throw badRequest([{ field: 'body', message: 'it is not UTF-8', fix: 'Send JSON in UTF-8.' }]);
  return {
    method: http.method,
    path: event.rawPath,
    query: event.rawQueryString ?? '',
    text: bytes.toString('utf8'),
    headers: event.headers ?? {},
    requestId,
    actor: actorOf(event),
    at: timeEpoch,
  };
}

/**
 * The JSON body, checked; whatever its content type says.
 * @param ifEmpty stands for a body that was left out, where it may be
 * @throws RequestError 400 that names every wrong field
 */
export function jsonBody<T>(request: Pick<ApiRequest, 'text'>, schema: z.ZodType<T>, ifEmpty?: unknown): T {
  return checked(schema, request.text.trim() === '' && ifEmpty !== undefined ? ifEmpty : parseJson(request.text), 'body');
}

/** @throws RequestError 400 */
function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest([{ field: 'body', message: 'it is not JSON', fix: 'Send a JSON object.' }]);
  }
}

/** The query, each parameter as a text. @throws RequestError 400 that names every wrong parameter */
export function queryOf<T>(request: Pick<ApiRequest, 'query'>, schema: z.ZodType<T>): T {
  const entries = [...new URLSearchParams(request.query)];
  const twice = entries.find(([name], index) => entries.findIndex(([other]) => other === name) < index);
  if (twice) throw badRequest([{ field: twice[0], message: 'it is given more than once', fix: 'Give it once.' }]);
  return checked(schema, Object.fromEntries(entries), 'query');
}

export function badRequest(errors: readonly FieldProblem[]): RequestError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new RequestError(400, first ? `${first.field}: ${first.message}${more}` : 'the request is wrong', errors);
}

/** @param root stands for the value as a whole in what is told. @throws RequestError 400 that names every wrong field */
export function checked<T>(schema: z.ZodType<T>, value: unknown, root: string): T {
  const result = check(schema, value, root);
  if (!result.ok) throw badRequest(result.problems);
  return result.value;
}

function tooLarge(bytes: number): RequestError {
  const message = `it has ${bytes} bytes, ${MAX_BODY_BYTES} at most are taken`;
  return new RequestError(413, `body: ${message}`, [{ field: 'body', message, fix: 'Send less at once, and larger objects by PUT /objects/{key}.' }]);
}
