import * as z from 'zod';
import { cursor, region, time } from './parts.ts';

const EXAMPLE = {
  id: 'primary-secondary.tpnh1bvhwo.cmVwb3J0LnR4dA',
  route: 'primary-secondary',
  key: 'report.txt',
  at: 1_793_268_004_000,
  winner: { region: 'secondary', op: 'PUT' as const, etag: '9bf31c7ff062936a96d3c8bd1f8f2ff3', ts: 1_793_268_003_000 },
  loser: {
    region: 'primary',
    op: 'PUT' as const,
    etag: 'b1946ac92492d2347c6235b4d2611184',
    ts: 1_793_268_001_000,
    versionId: '3HL4kqtJvjVBH40Nrjfkd',
    size: 6,
  },
  restorable: true,
  unsure: false,
};

const contender = z.object({
  region,
  op: z.enum(['PUT', 'DELETE']),
  etag: z.optional(z.string()).meta({ description: 'Without quotes; left out for a delete.' }),
  ts: z.nullable(time).meta({ description: 'When it came to be by its region’s clock, ms since the epoch; null: nobody knows.' }),
});

export const conflictView = z
  .object({
    id: z.string(),
    route: z.string(),
    key: z.string(),
    at: time.meta({ description: 'When it was decided, ms since the epoch.' }),
    winner: contender,
    loser: contender.extend({
      versionId: z.optional(z.string()).meta({ description: 'Of what lost, in its region’s bucket; left out where that keeps no versions.' }),
      size: z.optional(z.number()).meta({ description: 'bytes' }),
    }),
    restorable: z.boolean().meta({ description: 'Its bucket keeps versions: what lost can be made the newest again.' }),
    unsure: z.boolean().meta({ description: 'What lost may have been a copy of Tidemark’s own whose answer never came.' }),
  })
  .meta({ id: 'Conflict', description: 'What lost where both sides of a key had changed.', examples: [EXAMPLE] });

export const conflictPage = z
  .object({ conflicts: z.array(conflictView), cursor: z.optional(cursor) })
  .meta({ id: 'ConflictPage', examples: [{ conflicts: [EXAMPLE] }] });

export const restoredConflict = z
  .object({ conflict: conflictView, event: z.string().meta({ description: 'The event by which it is replicated: GET /events/{id}.' }) })
  .meta({ id: 'RestoredConflict', examples: [{ conflict: EXAMPLE, event: 'primary-secondary.9f3c1b2a77.cmVwb3J0LnR4dA' }] });

export const conflictParams = z.object({ id: z.string().meta({ description: 'As GET /conflicts gave it.' }) });
