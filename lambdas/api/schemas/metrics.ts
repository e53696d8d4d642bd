import * as z from 'zod';
import { gatewayFigures } from './gateway-figures.ts';
import { bytes, count, time } from './parts.ts';
import { countsView } from './verify.ts';

const LAG =
  'Age of the oldest change that is still going to be applied, wherever it waits, ms; 0 when none does. What ended as an error is not among them.';

const route = z.object({
  objects: count.meta({ description: 'Known to be applied.' }),
  lagMs: count.meta({ description: `${LAG} What lies unread in the queue does not tell its route, and counts for each.` }),
  oldestErrorAgeMs: count,
  paused: z.boolean(),
  deletesPaused: z.boolean(),
  conflicts: count.meta({ description: 'What lost where both sides had changed, and nobody dismissed.' }),
  canaryDelayMs: z.optional(
    count.meta({
      description: 'How long the newest canary object took, or the oldest that has not arrived has taken so far, where the route sends any.',
    }),
  ),
});

const scheduled = z.object({
  everyMs: count.meta({ description: 'From one start to the next.' }),
  ageMs: count.meta({ description: 'Since the last one that ended well was begun; where none did since then, since it is expected.' }),
  late: z.boolean().meta({ description: 'One or more were missed, or failed: more than two periods and an hour ago.' }),
});

const missing = z.object({
  what: z.string().meta({ description: 'What the figures leave out.' }),
  code: z.string(),
  message: z.string(),
  fix: z.string(),
});

export const metricsView = z
  .object({
    counts: z
      .object({ pending: count, in_progress: count, done: count, superseded: count, error: count })
      .meta({ description: 'Events by their state: done and superseded for ever, the others as it is now.' }),
    lagMs: count.meta({ description: LAG }),
    oldestErrorAgeMs: count.meta({ description: 'Age of the oldest change that ended as an error and waits for a person, ms; 0 when none does.' }),
    backlog: z.object({ objects: count, bytes }).meta({ description: 'What waits.' }),
    queue: z.object({ waiting: count, delayed: count, inFlight: count, dead: count }),
    completions: z
      .optional(z.object({ waiting: count, dead: count }))
      .meta({ description: 'Completion events that wait for the webhook, and those that were given up; absent where no webhook is told.' }),
    gateway: z.optional(gatewayFigures),
    routes: z.record(z.string(), route).meta({ description: 'By the name of the route.' }),
    verify: z
      .record(z.string(), z.object({ at: time, deep: z.boolean(), counts: countsView }))
      .meta({ description: 'By the name of the route: what the last comparison of all its keys found, and when it was begun.' }),
    scheduled: z.record(z.string(), z.object({ verify: z.optional(scheduled), reconcile: z.optional(scheduled) })).meta({
      description: 'By the name of the route: what the clock starts again and again. Embedded a reconcile rests while much waits.',
    }),
    missing: z.array(missing).meta({ description: 'What could not be found out, and what to do; all else holds.' }),
  })
  .meta({
    id: 'Metrics',
    examples: [
      {
        counts: { pending: 2, in_progress: 1, done: 1_204_331, superseded: 412, error: 0 },
        lagMs: 840,
        oldestErrorAgeMs: 0,
        backlog: { objects: 3, bytes: 12_288 },
        queue: { waiting: 2, delayed: 0, inFlight: 1, dead: 0 },
        routes: { 'primary-secondary': { objects: 1_203_877, lagMs: 840, oldestErrorAgeMs: 0, paused: false, deletesPaused: false, conflicts: 0 } },
        verify: {
          'primary-secondary': { at: 1_793_268_000_000, deep: false, counts: { equal: 1_203_876, missing: 1, different: 0, extra: 0, unknown: 0 } },
        },
        scheduled: { 'primary-secondary': { verify: { everyMs: 86_400_000, ageMs: 5_400_000, late: false } } },
        missing: [],
      },
    ],
  });
