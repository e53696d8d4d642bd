import type { Runtime } from '../shared/runtime.ts';
import type { ApiRequest } from './request.ts';

export interface Answer {
  readonly status: number;
  /** Becomes JSON. */
  readonly body: unknown;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Segments in braces are parameters: `/events/{id}`. */
  readonly path: string;
  /** @throws RequestError, TidemarkError: the handler answers them as a problem */
  handle(request: ApiRequest, runtime: Runtime): Promise<Answer>;
}
