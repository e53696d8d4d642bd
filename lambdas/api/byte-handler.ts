/** Requests whose bytes flow, where the host lets them: the embedded one. */
import { logOfRequest } from '../shared/log.ts';
import { problemAnswer } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';
import type { ByteAnswer, ByteRequest, Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { type Found, findEndpoint } from './router.ts';

/** Never rejects: whatever goes wrong is a problem+json (RFC 9457). */
export type ByteHandler = (request: Omit<ByteRequest, 'params'>) => Promise<ByteAnswer>;

/** @returns a handler where an endpoint takes its bytes as they flow; null where none does: the API's handler answers that */
export type FindByteHandler = (method: string, path: string) => ByteHandler | null;

/** Told of each answer before its body flows. */
export type OnAnswer = (method: string, status: number, headers: Readonly<Record<string, string>>) => void;

export const makeByteHandlers = (
  runtime: Runtime,
  endpoints: readonly Endpoint[] = ENDPOINTS,
  onAnswer: OnAnswer = () => undefined,
): FindByteHandler => {
  return (method, path) => {
    const found = foundOf(endpoints, method, path);
    if (found?.endpoint.kind !== 'bytes') return null;
    const { endpoint, params } = found;
    const serve: ByteHandler = async (request) => {
      try {
        return await endpoint.serve({ ...request, params }, { ...runtime, log: logOfRequest(runtime.log, request.requestId) });
      } catch (error) {
        const { statusCode: status = 500, headers = {}, body = '' } = problemAnswer(error, request.requestId, runtime.log);
        return {
          status,
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
          body: Buffer.from(body),
        };
      }
    };
    return async (request) => {
      const answer = await serve(request);
      onAnswer(method, answer.status, answer.headers);
      return answer;
    };
  };
};

function foundOf(endpoints: readonly Endpoint[], method: string, path: string): Found | null {
  try {
    return findEndpoint(endpoints, method, path);
  } catch {
    return null;
  }
}
