/** What many answers are made of. */
import * as z from 'zod';

/** A moment. */
export const time = z.int().meta({ description: 'ms since the epoch', examples: [1_793_268_000_000] });

/** Of work on a route that a person may pause. */
export const heldBack = z
  .nullable(time)
  .meta({ description: 'Since when the pause of its route holds it back, until POST /routes/{route}/resume; null: nothing does.' });

/** How many of something there are. */
export const count = z.int().min(0);

export const bytes = z.number().min(0).meta({ description: 'bytes' });

export const region = z.string().meta({ description: 'A region by its name in the configuration.' });

/** Goes on where the former answer ended. */
export const cursor = z.string().meta({ description: 'There may be more: ask again with it.' });
