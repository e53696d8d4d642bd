import * as z from 'zod';
import { count } from './parts.ts';

export const runResult = z
  .object({
    processed: count.meta({ description: 'Keys that were looked at.' }),
    done: count,
    superseded: count,
    retried: count.meta({ description: 'Keys that are tried again later.' }),
    error: count,
    remaining: count.meta({ description: 'Events that are pending or in progress now.' }),
    partial: z.boolean().meta({ description: 'True when pending work was left, for want of time or by the limit.' }),
  })
  .meta({ id: 'RunResult', examples: [{ processed: 2, done: 1, superseded: 0, retried: 1, error: 0, remaining: 1, partial: false }] });

export const requeued = z
  .object({
    requeued: count,
    notFound: z.optional(z.array(z.string())).meta({ description: 'Ids that name no error.' }),
    partial: z.optional(z.boolean()).meta({ description: 'True: there are more than there was time for. Ask again for the rest.' }),
  })
  .meta({ id: 'Requeued', examples: [{ requeued: 1, notFound: ['nonsense'] }] });
