import * as z from 'zod';
import { bytes, count } from './parts.ts';

export const metricsView = z
  .object({
    counts: z
      .object({ pending: count, in_progress: count, done: count, superseded: count, error: count })
      .meta({ description: 'Events by their state: done and superseded for ever, the others as it is now.' }),
    lagMs: count.meta({ description: 'Age of the oldest change that is not applied yet, wherever it waits, ms; 0 when none does.' }),
    backlog: z.object({ objects: count, bytes }).meta({ description: 'What waits.' }),
    queue: z.object({ waiting: count, delayed: count, inFlight: count, dead: count }),
    routes: z.record(z.string(), z.object({ objects: count, deletesPaused: z.boolean() })).meta({ description: 'By the name of the route.' }),
  })
  .meta({
    id: 'Metrics',
    examples: [
      {
        counts: { pending: 2, in_progress: 1, done: 1_204_331, superseded: 412, error: 0 },
        lagMs: 840,
        backlog: { objects: 3, bytes: 12_288 },
        queue: { waiting: 2, delayed: 0, inFlight: 1, dead: 0 },
        routes: { 'primary-secondary': { objects: 1_203_877, deletesPaused: false } },
      },
    ],
  });
