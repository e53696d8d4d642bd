/** What an endpoint answers, in the shape of API Gateway (payload 2.0). */
import { createHash } from 'node:crypto';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Answer } from './endpoint.ts';
import { type ApiRequest, badRequest } from './request.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Lambda's own limit is 6 MB of JSON, in which the body is a text: what is escaped in it is escaped once more. */
const MAX_BYTES = 6_000_000;
/** So short that no escape makes it too long. */
const SHORT = MAX_BYTES / 8;

/**
 * `body` becomes JSON, unless `type` says that it is a text; none at all makes an empty answer.
 * A read that would answer what the caller has by its `If-None-Match` is answered by 304.
 * @throws RequestError 400 for an answer that Lambda would not let through: only a page can be as large
 */
export function gatewayAnswer(request: Pick<ApiRequest, 'method' | 'headers'>, answer: Answer): APIGatewayProxyStructuredResultV2 {
  const { status, body, type, headers = {} } = answer;
  if (body === undefined) return { statusCode: status, headers: { 'cache-control': 'no-store', ...headers } };
  const text = type === undefined ? JSON.stringify(body) : String(body);
  if (text.length > SHORT && Buffer.byteLength(JSON.stringify(text), 'utf8') > MAX_BYTES) throw tooLarge();
  const content = { 'content-type': type ?? JSON_TYPE };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || status !== 200) return { statusCode: status, headers: { ...content, 'cache-control': 'no-store', ...headers }, body: text };
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
  // Kept by its caller, and asked for again each time.
  const tagged = { etag, vary: 'accept', 'cache-control': 'private, no-cache' };
  if (holds(request.headers['if-none-match'], etag)) return { statusCode: 304, headers: { ...tagged, ...headers } };
  return { statusCode: 200, headers: { ...content, ...tagged, ...headers }, body: text };
}

function tooLarge(): Error {
  return badRequest([{ field: 'limit', message: 'the answer would be larger than 6 MB', fix: 'Ask for fewer at once.' }]);
}

/** By the weak comparison, as reads are compared: what compresses on the way makes a tag weak. */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  const given = (ifNoneMatch ?? '').split(',').map((each) => each.trim().replace(/^W\//, ''));
  return given.includes(etag) || given.includes('*');
}
