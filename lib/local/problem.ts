/** Answers that the server gives before any handler is asked (RFC 9457), and why. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

export interface Problem {
  readonly status: 400 | 401 | 403 | 408 | 413 | 417 | 431 | 500;
  readonly title: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function problemAnswer({ status, title, detail, headers = {} }: Problem, requestId: string): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, instance: requestId }),
  };
}
