/** POST /replay/run (A5): works off now what is pending. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { runReplay, withMaxRetries } from '../../lib/usecases/run-replay.ts';
import { RequestError } from '../shared/problem.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody } from './request.ts';

const body = strict({
  limit: z.optional(z.int().min(1).max(1000)),
  leaseSec: z.optional(z.int().min(1).max(900)),
  maxRetries: z.optional(z.int().min(1).max(100)),
});

const DEFAULT_LIMIT = 50;
/** No write is begun after it, so that the answer is there within the next. */
const WORK_MS = 15_000;
const ANSWER_MS = 20_000;

export const replayRunEndpoint: Endpoint = {
  method: 'POST',
  path: '/replay/run',
  async handle(request, runtime) {
    const { clock, config } = runtime;
    const { limit = DEFAULT_LIMIT, leaseSec = config.limits.leaseSec, maxRetries = config.limits.maxRetries } = jsonBody(request, body, {});
    const terms = { limit, leaseMs: leaseSec * 1000, retry: withMaxRetries(DEFAULT_RETRY, maxRetries), deadline: clock.now() + WORK_MS };
    const answered = new AbortController();
    const late = async (): Promise<never> => {
      await clock.sleep(ANSWER_MS, answered.signal);
      throw new RequestError(503, 'an endpoint takes long to answer; what was begun ends by itself, see GET /metrics and GET /healthz');
    };
    try {
      return { status: 200, body: await Promise.race([runReplay(runtime, terms), late()]) };
    } finally {
      answered.abort();
    }
  },
};
