/** What an endpoint answers, in the shape of API Gateway (payload 2.0). */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Answer } from './endpoint.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** `body` becomes JSON, unless `type` says that it is a text; none at all makes an empty answer. */
export function gatewayAnswer({ status, body, type, headers = {} }: Answer): APIGatewayProxyStructuredResultV2 {
  const common = { 'cache-control': 'no-store', ...headers };
  if (body === undefined) return { statusCode: status, headers: common };
  const text = type === undefined ? JSON.stringify(body) : String(body);
  return { statusCode: status, headers: { 'content-type': type ?? JSON_TYPE, ...common }, body: text };
}
