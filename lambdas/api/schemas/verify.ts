import * as z from 'zod';
import { SIGNATURE_ALGORITHMS } from '../../../lib/core/verify/algorithms.ts';
import { DIFFERENCE_KINDS } from '../../../lib/core/verify/difference.ts';
import { bytes, count, cursor, heldBack, time } from './parts.ts';

const COUNTS = { equal: 999_998, missing: 1, different: 1, extra: 0, unknown: 0 };

export const countsView = z
  .object({ equal: count, missing: count, different: count, extra: count, unknown: count })
  .meta({ id: 'VerifyCounts', description: 'Keys by what the comparison found.', examples: [COUNTS] });

const VERIFY = {
  id: '019a9f3e-7c1e-7b44-9d0f-3a1c5e2b8f60',
  kind: 'verify',
  status: 'done',
  route: 'primary-secondary',
  paused: null,
  srcRegion: 'primary',
  dstRegion: 'secondary',
  prefix: '',
  deep: false,
  counts: COUNTS,
  compared: 1_000_000,
  listed: 1_000_000,
  bytes: 4_096_000_000,
  startedAt: 1_793_268_000_000,
  finishedAt: 1_793_268_090_000,
};

export const verifyView = z
  .object({
    id: z.string(),
    kind: z.enum(['verify', 'repair']),
    status: z.enum(['running', 'done', 'failed', 'cancelled']),
    route: z.string(),
    paused: heldBack,
    srcRegion: z.nullable(z.string()).meta({ description: 'null: its route is no longer in the configuration.' }),
    dstRegion: z.nullable(z.string()),
    prefix: z.string(),
    deep: z.boolean(),
    delete: z.optional(z.boolean()).meta({ description: 'Of a repair: what only the destination holds is deleted.' }),
    counts: countsView,
    compared: count.meta({ description: 'Keys of either side that were compared: the sum of the counts, and what the route leaves as it is.' }),
    listed: count.meta({ description: 'Keys of the source among them.' }),
    bytes: bytes.meta({ description: 'Of these keys at the source, bytes.' }),
    enqueued: z.optional(count).meta({ description: 'Of a repair: keys that were asked for.' }),
    startedAt: time,
    finishedAt: z.optional(time),
    error: z.optional(z.object({ code: z.string(), message: z.string() })),
  })
  .meta({ id: 'Verify', description: 'A comparison of both sides, or a repair of what differs, and how far it is.', examples: [VERIFY] });

export const verifyPage = z
  .object({ verifies: z.array(verifyView), cursor: z.optional(cursor), partial: z.boolean() })
  .meta({ id: 'VerifyPage', examples: [{ verifies: [VERIFY], partial: false }] });

const held = z.object({ etag: z.string(), size: bytes, lastModified: z.number().meta({ description: 'ms since the epoch' }) });

export const differencePage = z
  .object({
    differences: z.array(
      z.object({
        key: z.string(),
        kind: z.enum(DIFFERENCE_KINDS),
        reason: z.string().meta({ description: 'For a person.' }),
        source: z.optional(held),
        destination: z.optional(held),
      }),
    ),
    cursor: z.optional(cursor),
  })
  .meta({
    id: 'DifferencePage',
    examples: [
      {
        differences: [
          {
            key: 'demo/hello.txt',
            kind: 'missing',
            reason: 'the destination does not hold it',
            source: { etag: 'b1946ac92492d2347c6235b4d2611184', size: 6, lastModified: 1_793_268_000_000 },
          },
        ],
      },
    ],
  });

export const keyView = z
  .object({
    algorithm: z.enum(SIGNATURE_ALGORITHMS),
    keyId: z.string().meta({ description: 'SHA-256 of the key, hex.' }),
    publicKey: z.string().meta({ description: 'PEM' }),
  })
  .meta({
    id: 'ReportKey',
    examples: [
      {
        algorithm: 'Ed25519',
        keyId: '4e6f2c0d3b5a79881f0e1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69',
        publicKey: '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA…\n-----END PUBLIC KEY-----\n',
      },
    ],
  });
