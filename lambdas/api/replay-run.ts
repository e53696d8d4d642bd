/** POST /replay/run (A5): works off now what is pending. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { runReplay, withMaxRetries } from '../../lib/usecases/run-replay.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonBody } from './request.ts';

const body = strict({
  limit: z.optional(z.int().min(1).max(1000)),
  leaseSec: z.optional(z.int().min(1).max(900)),
  maxRetries: z.optional(z.int().min(1).max(100)),
});

const DEFAULT_LIMIT = 50;
/** Answers by then, whatever is still under way. */
const ANSWER_MS = 15_000;

export const replayRunEndpoint: Endpoint = {
  method: 'POST',
  path: '/replay/run',
  async handle(request, runtime) {
    const { clock, config } = runtime;
    const { limit = DEFAULT_LIMIT, leaseSec = config.limits.leaseSec, maxRetries = config.limits.maxRetries } = jsonBody(request, body, {});
    const now = clock.now();
    const times = { deadline: now + ANSWER_MS, lookDeadline: now + config.limits.lookSec * 1000 };
    return {
      status: 200,
      body: await runReplay(runtime, { limit, leaseMs: leaseSec * 1000, retry: withMaxRetries(DEFAULT_RETRY, maxRetries), ...times }),
    };
  },
};
