/** What the endpoints of the gateway take and answer. */
import * as z from 'zod';
import { rule } from '../../lib/config/field-problems.ts';
import type { Stored } from '../../lib/ports/gateway-store.ts';
import type { WriteAnswer } from '../../lib/usecases/gateway/write-object.ts';
import { key } from '../api/fields.ts';
import { bytes, count, region, time } from '../api/schemas/parts.ts';

/** Checked by the endpoints themselves: a path's key is decoded once. */
export const objectParams = z.object({ key: key.meta({ description: 'The key; its slashes may stand as they are.', examples: ['docs/readme.md'] }) });

export const SERVED_HEADERS = {
  'x-tidemark-region': 'The region that served it.',
  'x-tidemark-served-by': '`active`, or `replica` where the active region failed or was not to be asked.',
} as const;

/** As a header carries it: what else is stored as one could never be answered, and what else is signed never be sent. */
export const contentType = rule(
  z.string().min(1).max(256),
  (text) => /^[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?$/.test(text),
  'no header carries it: it holds more than printable ASCII, or begins or ends with a space',
  'Give a media type, as text/plain.',
);

export const storedView = z
  .object({ key: z.string(), etag: z.string(), size: bytes, region, epoch: count, versionId: z.optional(z.string()) })
  .meta({ id: 'Stored', examples: [{ key: 'docs/readme.md', etag: '5d41402abc4b2a76b9719d911017c592', size: 5, region: 'primary', epoch: 1 }] });

/** What was written, as both ways of writing answer it. */
export function shownStored(key: string, { result: { etag, size, versionId }, region: at, epoch }: WriteAnswer<Stored>): z.infer<typeof storedView> {
  return { key, etag, size, region: at, epoch, ...(versionId === undefined ? {} : { versionId }) };
}

const held = z
  .object({
    present: z.optional(z.boolean()).meta({ description: 'Absent: the region could not tell, see `error`.' }),
    etag: z.optional(z.string()),
    size: z.optional(bytes),
    lastModified: z.optional(time),
    contentType: z.optional(z.string()),
    error: z.optional(z.object({ code: z.string(), message: z.string(), fix: z.string() })),
  })
  .meta({ id: 'HeldByRegion' });

export const replicationView = z
  .object({
    key: z.string(),
    active: region,
    state: z.enum(['equal', 'absent', 'pending', 'different', 'missing', 'failed', 'unknown']).meta({
      description:
        '`pending`: a change is on its way. `missing`: one region alone holds it. `failed`: its last change could not be carried. `unknown`: a region does not answer.',
    }),
    regions: z.record(z.string(), held),
    lagMs: z.int().min(0).meta({ description: 'How long the oldest change of it has been on its way, ms; 0: none is.' }),
    lastError: z.nullable(z.string()),
  })
  .meta({
    id: 'ReplicationOfKey',
    examples: [
      {
        key: 'docs/readme.md',
        active: 'primary',
        state: 'equal',
        regions: {
          primary: { present: true, etag: '5d41402abc4b2a76b9719d911017c592', size: 5, lastModified: 1_793_268_000_000 },
          secondary: { present: true, etag: '5d41402abc4b2a76b9719d911017c592', size: 5, lastModified: 1_793_268_001_000 },
        },
        lagMs: 0,
        lastError: null,
      },
    ],
  });
