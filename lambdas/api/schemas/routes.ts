import * as z from 'zod';
import { count, cursor, region, time } from './parts.ts';

const paused = z.nullable(time).meta({ description: 'Since when it is paused; null: it flows.' });
const deletesPaused = z.nullable(time).meta({ description: 'Since when its deletes are paused, as the breaker does it; null: they flow.' });
const name = z.string().meta({ description: 'Of the route.', examples: ['primary-secondary'] });

export const routeParams = z.object({ route: name });

const routeView = z.object({
  name,
  from: region,
  to: region,
  prefix: z.string(),
  bidirectional: z.boolean(),
  deletes: z.boolean().meta({ description: 'False: what is deleted at the source stays at the destination.' }),
  paused,
  deletesPaused,
  deletesAcceptedUntil: z.nullable(time).meta({
    description: 'Until when any number of deletes runs, since a person resumed the route with acceptDeletes; null: the breaker watches.',
  }),
  recentDeletes: count.meta({ description: 'Deletes in the last ten minutes: over both 1,000 and a tenth of the objects, the breaker pauses them.' }),
  objects: count.meta({ description: 'Objects that are applied, by the records.' }),
  suffix: z.optional(z.array(z.string())).meta({ description: 'Keys end in one of these; absent: in anything.' }),
  minBytes: z.optional(count),
  maxBytes: z.optional(count),
  tags: z.optional(z.record(z.string(), z.string())).meta({ description: 'Tags that an object has, all of them, to be carried.' }),
  throttle: z.optional(z.object({ objectsPerSec: z.optional(z.number()), bytesPerSec: z.optional(z.number()) })),
});

export const routeList = z.object({ routes: z.array(routeView) }).meta({
  id: 'Routes',
  examples: [
    {
      routes: [
        {
          name: 'primary-secondary',
          from: 'primary',
          to: 'secondary',
          prefix: '',
          bidirectional: false,
          deletes: true,
          paused: null,
          deletesPaused: null,
          deletesAcceptedUntil: null,
          recentDeletes: 12,
          objects: 1_203_877,
        },
      ],
    },
  ],
});

export const pausedRoute = z
  .object({ route: name, paused: time })
  .meta({ id: 'PausedRoute', examples: [{ route: 'primary-secondary', paused: 1_793_268_000_000 }] });

export const resumedRoute = z
  .object({
    route: name,
    paused: z.null(),
    deletesPaused,
    released: count.meta({
      description: 'Keys that something was told of while it was paused, and be it a retry of what is done; each is looked at now.',
    }),
    partial: z
      .boolean()
      .meta({ description: 'True: more may wait. Resume again with the cursor, or leave it to the sweep, which takes some a minute.' }),
    cursor: z.optional(cursor),
  })
  .meta({
    id: 'ResumedRoute',
    examples: [{ route: 'primary-secondary', paused: null, deletesPaused: null, released: 341, partial: false }],
  });
