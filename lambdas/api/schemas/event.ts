import * as z from 'zod';
import { CHANGE_OPS } from '../../../lib/core/change.ts';
import { DELIVERY_STATUSES } from '../../../lib/core/objects/delivery.ts';
import { CHANGE_EXAMPLE } from './change.ts';
import { count, cursor, time } from './parts.ts';

const EXAMPLE = {
  id: 'primary-secondary.3f1b9a60d2c4e871.ZGVtby9oZWxsby50eHQ',
  ...CHANGE_EXAMPLE,
  status: 'done',
  attempts: 1,
  lastError: null,
  leaseUntil: null,
  createdAt: 1_793_268_000_120,
  updatedAt: 1_793_268_000_480,
};

/** A delivery as GET /events shows it; null where something is not known. */
export const eventView = z
  .object({
    id: z.string(),
    op: z.enum(CHANGE_OPS).meta({ description: 'TAG: its tags alone changed. UNKNOWN: a message that could not be read.' }),
    key: z.string(),
    etag: z.nullable(z.string()).meta({ description: 'Without quotes.' }),
    size: z.nullable(z.number()).meta({ description: 'bytes' }),
    contentType: z.nullable(z.string()),
    srcRegion: z.nullable(z.string()).meta({ description: 'null for what names no route: an unreadable message.' }),
    dstRegion: z.nullable(z.string()),
    ts: time.meta({ description: 'When it happened by its sender’s clock, ms since the epoch.' }),
    status: z.enum(DELIVERY_STATUSES).meta({
      description:
        '`pending` waits, `in_progress` is being copied, `done` is proven equal, `superseded` was overtaken by a newer change, `error` needs a person.',
    }),
    attempts: count,
    lastError: z.nullable(z.string()),
    leaseUntil: z.nullable(time).meta({ description: 'Until when a worker holds it, ms since the epoch.' }),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Event', description: 'What became of one change on one route.', examples: [EXAMPLE] });

export const eventPage = z
  .object({
    events: z.array(eventView),
    cursor: z.optional(cursor),
    partial: z.boolean().meta({ description: 'True when there may be more.' }),
  })
  .meta({ id: 'EventPage', examples: [{ events: [EXAMPLE], partial: false }] });
