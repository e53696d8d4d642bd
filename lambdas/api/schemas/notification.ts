import * as z from 'zod';
import { count } from './parts.ts';

/** Documents what a store sends; core/objects/notification.ts is what reads it. */
export const storeNotification = z
  .looseObject({
    Records: z.array(
      z.looseObject({
        eventVersion: z.string(),
        eventName: z.string(),
        s3: z.looseObject({
          bucket: z.looseObject({ name: z.string() }),
          object: z.looseObject({ key: z.string().meta({ description: 'Percent-encoded, a space as `+`.' }), size: z.optional(z.number()) }),
        }),
      }),
    ),
  })
  .meta({
    id: 'StoreNotification',
    examples: [
      {
        Records: [
          {
            eventVersion: '2.1',
            eventSource: 'aws:s3',
            awsRegion: 'eu-west-1',
            eventTime: '2026-11-01T00:00:00.000Z',
            eventName: 'ObjectCreated:Put',
            s3: { bucket: { name: 'primary' }, object: { key: 'demo/hello.txt', size: 6, eTag: 'b1946ac92492d2347c6235b4d2611184' } },
          },
        ],
      },
    ],
  });

export const accepted = z
  .object({ accepted: count, skipped: count.meta({ description: 'Events of other kinds, buckets or keys.' }) })
  .meta({ id: 'Accepted', examples: [{ accepted: 1, skipped: 0 }] });
