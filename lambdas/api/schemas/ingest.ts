import * as z from 'zod';
import { count } from './parts.ts';

const told = z.object({ id: z.string(), status: z.enum(['accepted', 'duplicate']) });
const rejection = { status: z.literal('rejected'), reason: z.string().meta({ description: 'Names the field and the fix.' }) };

export const ingested = z
  .object({
    accepted: count,
    duplicate: count,
    rejected: count,
    results: z.array(z.union([told, z.object({ id: z.null(), ...rejection })])).meta({ description: 'One for each event, in the order given.' }),
  })
  .meta({
    id: 'Ingested',
    examples: [
      {
        accepted: 1,
        duplicate: 0,
        rejected: 1,
        results: [
          { id: 'primary-secondary.3f1b9a60d2c4e871.ZGVtby9oZWxsby50eHQ', status: 'accepted' },
          { id: null, status: 'rejected', reason: 'key: it is missing. Give a text.' },
        ],
      },
    ],
  });

export const backfilledKeys = z
  .object({
    accepted: count,
    duplicate: count,
    rejected: count,
    missing: z.array(z.string()).meta({ description: 'Keys that are not at the source.' }),
    results: z
      .array(
        z.union([
          told.extend({ key: z.string() }),
          z.object({ key: z.string(), status: z.literal('missing') }),
          z.object({ key: z.nullable(z.string()), ...rejection }),
        ]),
      )
      .meta({ description: 'One for each key, in the order given.' }),
  })
  .meta({
    id: 'BackfilledKeys',
    examples: [
      {
        accepted: 1,
        duplicate: 0,
        rejected: 0,
        missing: ['gone.txt'],
        results: [
          { key: 'demo/hello.txt', id: 'primary-secondary.3f1b9a60d2c4e871.ZGVtby9oZWxsby50eHQ', status: 'accepted' },
          { key: 'gone.txt', status: 'missing' },
        ],
      },
    ],
  });
