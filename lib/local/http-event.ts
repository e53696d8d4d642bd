/** A request in the shape that API Gateway's HTTP API hands to a Lambda function (payload format 2.0), and its answer back. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export interface Arrived {
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly requestId: string;
  /** Who calls: see AuditEvent. */
  readonly actor: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** What an authorizer of our own would tell. */
export type AuthorizedEvent = APIGatewayProxyEventV2WithLambdaAuthorizer<{ readonly actor: string }>;

export function httpEvent({ request, body, requestId, actor, at }: Arrived): AuthorizedEvent {
  const target = request.url ?? '/';
  const question = target.indexOf('?');
  const rawPath = question < 0 ? target : target.slice(0, question);
  const rawQueryString = question < 0 ? '' : target.slice(question + 1);
  const queryStringParameters = queryOf(rawQueryString);
  const headers = headersOf(request);
  const text = isUtf8(body);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers,
    ...(queryStringParameters ? { queryStringParameters } : {}),
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      authorizer: { lambda: { actor } },
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: rawPath,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: new Date(at).toISOString(),
      timeEpoch: at,
    },
    ...(body.length > 0 ? { body: body.toString(text ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !text,
  };
}

export function sendAnswer(response: ServerResponse, answer: APIGatewayProxyStructuredResultV2, requestId: string): void {
  const { statusCode = 200, headers = {}, body = '', isBase64Encoded = false, cookies } = answer;
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  response.statusCode = statusCode;
  response.setHeader('x-request-id', requestId);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies) response.setHeader('set-cookie', cookies);
  // Of what is not sent again nothing is said (RFC 9110, 8.6).
  if (statusCode !== 304) response.setHeader('content-length', bytes.length);
  response.end(response.req.method === 'HEAD' ? undefined : bytes);
}

/** Headers that came more than once are joined with commas, as API Gateway does it. */
export function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

function queryOf(raw: string): Record<string, string> | undefined {
  if (raw === '') return undefined;
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(raw)) query[name] = name in query ? `${query[name]},${value}` : value;
  return query;
}
