/** The HTTP API: finds the endpoint of a request, and turns what it answers or throws into an answer of API Gateway (payload 2.0). */
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { logOfRequest } from '../shared/log.ts';
import { problemAnswer, RequestError } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';
import { withRequestId } from '../shared/with-request-id.ts';
import { gatewayAnswer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { readRequest } from './request.ts';
import { findEndpoint } from './router.ts';
import { wholeAnswer, wholeRequest } from './whole-bytes.ts';

export type ApiHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Left for the answer when an endpoint takes too long. */
const ANSWER_MS = 500;

/** @returns a handler that never throws: whatever goes wrong is a problem+json (RFC 9457) */
export const makeApiHandler = (runtime: Runtime, endpoints: readonly Endpoint[] = ENDPOINTS): ApiHandler => {
  const answer = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const { endpoint, params } = findEndpoint(endpoints, event.requestContext.http.method, event.rawPath);
    const own = { ...runtime, log: logOfRequest(runtime.log, event.requestContext.requestId) };
    if (endpoint.kind === 'bytes') return wholeAnswer(await endpoint.serve({ ...wholeRequest(event), params }, own));
    const request = readRequest(event);
    return gatewayAnswer(request, await endpoint.handle({ ...request, params }, own));
  };
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(answer, {
    timeoutEarlyInMillis: ANSWER_MS,
    timeoutEarlyResponse: () => {
      throw new RequestError(503, 'there is no answer within the time limit; what was begun may go on');
    },
  })
    .use(withRequestId())
    .onError((request) => {
      request.response = problemAnswer(request.error, request.event.requestContext.requestId, runtime.log);
    });
};
