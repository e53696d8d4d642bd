/** Bytes through API Gateway, which hands over whole bodies alone: a request's comes with the event, an answer's is collected. */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { RequestError } from '../shared/problem.ts';
import { actorOf } from './actor.ts';
import type { ByteAnswer, ByteRequest } from './endpoint.ts';

/** Lambda answers 6 MB, of which base64 takes a third. */
export const MAX_ANSWER_BYTES = 4_400_000;

export function wholeRequest(event: APIGatewayProxyEventV2): Omit<ByteRequest, 'params'> {
  const { http, requestId, timeEpoch } = event.requestContext;
  const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  return {
    method: http.method,
    path: event.rawPath,
    query: event.rawQueryString ?? '',
    headers: event.headers ?? {},
    requestId,
    actor: actorOf(event),
    at: timeEpoch,
    body,
    size: body.length,
    signal: new AbortController().signal,
  };
}

/** @throws RequestError 413 for what is larger than Lambda may answer: its endpoint should have led elsewhere */
export async function wholeAnswer({ status, headers, body }: ByteAnswer): Promise<APIGatewayProxyStructuredResultV2> {
  if (body === undefined) return { statusCode: status, headers };
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new RequestError(413, `the object is larger than the ${MAX_ANSWER_BYTES} bytes that can be answered here`);
    chunks.push(chunk);
  }
  return { statusCode: status, headers, body: Buffer.concat(chunks).toString('base64'), isBase64Encoded: true };
}
