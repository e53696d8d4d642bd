import * as z from 'zod';
import { TidemarkError } from '../../core/errors.ts';

const place = z.strictObject({ createdAt: z.int(), ts: z.int(), id: z.string() });

const shape = z.strictObject({
  route: z.string(),
  key: z.string(),
  /** The last delivery of this key that was shown; absent when the key is through. It may have been dropped since. */
  last: z.optional(place),
  /** What is left of the query's offset. */
  skip: z.int().min(0),
});

/** Where a listing of deliveries goes on. Opaque to callers. */
export type DeliveryCursor = z.infer<typeof shape>;

/** Where a delivery stands among those of its key. */
export type DeliveryPlace = z.infer<typeof place>;

export function encodeCursor(cursor: DeliveryCursor): string {
  return Buffer.from(JSON.stringify(cursor), 'utf8').toString('base64url');
}

/** @throws TidemarkError INVALID_INPUT when it is not one that a former answer gave */
export function decodeCursor(text: string): DeliveryCursor {
  try {
    return shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (error) {
    throw new TidemarkError('INVALID_INPUT', 'cursor: not one that an earlier answer gave; leave it out to begin anew', { cursor: text }, error);
  }
}
