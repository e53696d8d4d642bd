import * as z from 'zod';
import { count } from './parts.ts';

export const runResult = z
  .object({
    processed: count.meta({ description: 'Keys that were looked at.' }),
    done: count.meta({ description: 'Events of these keys that are done now: a key may have several.' }),
    superseded: count.meta({ description: 'Events of these keys that newer ones overtook.' }),
    retried: count.meta({ description: 'Keys that are tried again later.' }),
    error: count.meta({ description: 'Events that failed for good.' }),
    remaining: count.meta({ description: 'Events that are pending or in progress now.' }),
    paused: z
      .array(z.string())
      .readonly()
      .meta({ description: 'Routes that hold some of them because they are paused: each until POST /routes/{route}/resume.' }),
    partial: z.boolean().meta({ description: 'True when pending work was left, for want of time or by the limit.' }),
  })
  .meta({ id: 'RunResult', examples: [{ processed: 2, done: 1, superseded: 0, retried: 1, error: 0, remaining: 1, paused: [], partial: false }] });

export const requeued = z
  .object({
    requeued: count,
    notFound: z.optional(z.array(z.string())).meta({ description: 'Ids that name no error.' }),
    partial: z.optional(z.boolean()).meta({ description: 'True: there are more than there was time for. Ask again for the rest.' }),
  })
  .meta({ id: 'Requeued', examples: [{ requeued: 1, notFound: ['nonsense'] }] });
