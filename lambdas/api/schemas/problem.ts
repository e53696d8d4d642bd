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
    examples: [
      {
        type: 'about:blank',
        title: 'Bad Request',
        status: 400,
        detail: 'limit: expected a whole number from 1 to 1000',
        instance: '6a1f2c0e-3b7d-4c51-9e8a-0d2f4b6a8c1e',
        errors: [{ field: 'limit', message: 'expected a whole number from 1 to 1000', fix: 'Give a whole number from 1 to 1000.' }],
      },
    ],
  });
