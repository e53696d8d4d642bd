/** GET /objects: the index (B8). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import { listObjects } from '../../lib/usecases/gateway/list-objects.ts';
import { endpoint } from '../api/endpoint.ts';
import { wholeNumber } from '../api/fields.ts';
import { bytes, cursor, region, time } from '../api/schemas/parts.ts';
import { gatewayOf } from './gateway-of.ts';

const DEFAULT_LIMIT = 100;
const text = z.optional(z.string().max(1024));

const indexView = z
  .object({
    objects: z.array(
      z.object({
        key: z.string(),
        etag: z.string().meta({ description: 'At the region where it was written last.' }),
        size: bytes,
        contentType: z.optional(z.string()),
        lastRegion: region.meta({ description: 'Where it was written last.' }),
        lastModified: z.optional(time),
      }),
    ),
    cursor: z.optional(cursor),
  })
  .meta({
    id: 'ObjectIndex',
    examples: [
      {
        objects: [
          {
            key: 'docs/readme.md',
            etag: '5d41402abc4b2a76b9719d911017c592',
            size: 5,
            contentType: 'text/markdown',
            lastRegion: 'primary',
            lastModified: 1_793_268_000_000,
          },
        ],
      },
    ],
  });

export const listObjectsEndpoint = endpoint({
  name: 'listObjects',
  method: 'GET',
  path: '/objects',
  area: 'objects',
  summary: 'Lists the objects that both regions hold',
  description:
    'From what replication knows of each key, in the order of their UTF-8 bytes: no region is asked. What was written a moment ago stands here once it has crossed. `POST /backfill` with mode `all` makes it anew from the buckets.',
  access: 'objects',
  query: strict({
    prefix: text.meta({ description: 'What every key begins with.' }),
    limit: wholeNumber(1, 1000, `How many at most; ${DEFAULT_LIMIT} unless given.`),
    cursor: text.meta({ description: 'As a former answer gave it.' }),
  }),
  answers: { 200: { description: 'A page of them.', json: indexView } },
  async handle({ query: { prefix = '', limit = DEFAULT_LIMIT, cursor: after } }, runtime) {
    const { route } = gatewayOf(runtime).config;
    const { objects, next } = await listObjects(runtime.recordPages, { route: route.name, prefix, limit, ...(after === undefined ? {} : { after }) });
    const shown = objects.map(({ lastSide, ...object }) => ({ ...object, lastRegion: route[lastSide] }));
    return { status: 200, body: { objects: shown, ...(next === undefined ? {} : { cursor: next }) } };
  },
});
