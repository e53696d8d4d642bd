import * as z from 'zod';

/** What every refusal says (RFC 9457). */
export const problemView = z
  .object({
    type: z.string().meta({ description: '`about:blank`, or `urn:tidemark:problem:<code>` for an error that the runbook names.' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: 'The id of the request, as in `x-request-id` and the log.' }),
    errors: z.optional(
      z.array(
        z.object({
          field: z.string().meta({ description: 'As `events[0].key`.' }),
          message: z.string(),
          fix: z.string().meta({ description: 'What to do.' }),
        }),
      ),
    ),
  })
  .meta({
    id: 'Problem',
    description: 'Why a request was refused, by the field, and what to do (RFC 9457).',
  });
