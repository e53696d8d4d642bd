/** POST /replay/run (A5): works off now what is pending. */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { DEFAULT_RETRY } from '../../lib/core/retry.ts';
import { runReplay, withMaxRetries } from '../../lib/usecases/run-replay.ts';
import { endpoint } from './endpoint.ts';
import { runResult } from './schemas/replay.ts';

const DEFAULT_LIMIT = 50;
/** Answers by then, whatever is still under way. */
const ANSWER_MS = 15_000;

export const replayRunEndpoint = endpoint({
  name: 'runReplay',
  method: 'POST',
  path: '/replay/run',
  area: 'events',
  summary: 'Replays what is pending now',
  description: 'Whether or not its backoff is over. Answers within 15 seconds; what is under way then goes on by itself.',
  body: strict({
    limit: z.optional(z.int().min(1).max(1000)).meta({ description: `Keys at most; ${DEFAULT_LIMIT} unless given.` }),
    leaseSec: z.optional(z.int().min(1).max(900)).meta({ description: 'How long a worker holds a key, seconds.' }),
    maxRetries: z.optional(z.int().min(1).max(100)).meta({ description: 'Attempts before it is an error.' }),
  }).meta({ id: 'RunReplay', examples: [{ limit: 10 }] }),
  ifEmpty: {},
  answers: { 200: { description: 'What became of it.', json: runResult } },
  async handle({ body: { limit = DEFAULT_LIMIT, leaseSec, maxRetries } }, runtime) {
    const { clock, config } = runtime;
    const now = clock.now();
    const retry = withMaxRetries(DEFAULT_RETRY, maxRetries ?? config.limits.maxRetries);
    const times = { deadline: now + ANSWER_MS, lookDeadline: now + config.limits.lookSec * 1000 };
    const leaseMs = (leaseSec ?? config.limits.leaseSec) * 1000;
    return { status: 200, body: await runReplay(runtime, { limit, leaseMs, retry, ...times }) };
  },
});
