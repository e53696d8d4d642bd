import * as z from 'zod';
import { TidemarkError } from '../../core/errors.ts';

const shape = z.strictObject({
  route: z.string(),
  key: z.string(),
  /** The last delivery of this key that was shown; absent when the key is through. */
  id: z.optional(z.string()),
  /** What is left of the query's offset. */
  skip: z.int().min(0),
});

/** Where a listing of deliveries goes on. Opaque to callers. */
export type DeliveryCursor = z.infer<typeof shape>;

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
