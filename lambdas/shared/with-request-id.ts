import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type ApiMiddleware = MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>;

/** Every answer, good or bad, names the request it answers, as the logs do. */
export function withRequestId(): ApiMiddleware {
  const name: ApiMiddleware['after'] = (request) => {
    if (!request.response) return;
    const { headers, ...answer } = request.response;
    request.response = { ...answer, headers: { ...headers, 'x-request-id': request.event.requestContext.requestId } };
  };
  return { after: name, onError: name };
}
