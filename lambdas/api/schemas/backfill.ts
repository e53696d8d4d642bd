import * as z from 'zod';
import { BACKFILL_STATUSES } from '../../../lib/core/backfill/job.ts';
import { BACKFILL_MODES } from '../../../lib/core/backfill/mode.ts';
import { bytes, count, cursor, heldBack, time } from './parts.ts';

const ESTIMATE = {
  objects: 1_000_000,
  bytes: 4_096_000_000,
  exact: false,
  copies: 250_000,
  copyBytes: 1_024_000_000,
  requests: { list: 2_002, head: 500_000, copy: 250_000, queue: 75_000, writeUnits: 501_001, readUnits: 1_250_000 },
  cost: { s3: 1.4, transfer: 0.0205, dynamodb: 0.4694, sqs: 0.03, lambda: 0.0467, total: 1.9666 },
  prices: '2026-11, us-east-1',
};

/** What it will do and cost, guessed from a sample. */
export const estimateView = z
  .object({
    objects: count,
    bytes,
    exact: z.boolean().meta({ description: 'False: guessed from a sample; every other figure follows from it.' }),
    copies: count.meta({ description: 'Objects that are likely to be copied.' }),
    copyBytes: bytes,
    requests: z.object({ list: count, head: count, copy: count, queue: count, writeUnits: count, readUnits: count }),
    cost: z
      .object({ s3: z.number(), transfer: z.number(), dynamodb: z.number(), sqs: z.number(), lambda: z.number(), total: z.number() })
      .meta({ description: 'US dollars at list price; 0 for what is not on AWS.' }),
    prices: z.string().meta({ description: 'Which prices it is reckoned by.' }),
  })
  .meta({ id: 'Estimate', description: 'What a backfill will do and cost.', examples: [ESTIMATE] });

export const dryRunView = z
  .object({ dryRun: z.literal(true), prefix: z.string(), mode: z.enum(BACKFILL_MODES), estimate: estimateView })
  .meta({ id: 'DryRun', examples: [{ dryRun: true, prefix: '', mode: 'missing', estimate: ESTIMATE }] });

const JOB = {
  id: '019a9f3e-7c1e-7b44-9d0f-3a1c5e2b8f60',
  status: 'running',
  route: 'primary-secondary',
  paused: null,
  srcRegion: 'primary',
  dstRegion: 'secondary',
  prefix: '',
  mode: 'missing',
  createdAt: 1_793_268_000_000,
  updatedAt: 1_793_268_030_000,
  endedAt: null,
  failure: null,
  estimate: ESTIMATE,
};

const job = z.object({
  id: z.string(),
  status: z.enum(BACKFILL_STATUSES),
  route: z.string(),
  paused: heldBack,
  srcRegion: z.nullable(z.string()).meta({ description: 'null: its route is no longer in the configuration.' }),
  dstRegion: z.nullable(z.string()),
  prefix: z.string(),
  mode: z.enum(BACKFILL_MODES),
  createdAt: time,
  updatedAt: time,
  endedAt: z.nullable(time),
  failure: z.nullable(z.object({ code: z.string(), message: z.string() })),
  estimate: estimateView,
});

export const backfillJob = job.meta({ id: 'BackfillJob', description: 'A backfill: what was asked for.', examples: [JOB] });

const PROGRESS = {
  planned: 1_000_000,
  listed: 400_000,
  enqueued: 100_000,
  done: 80_000,
  failed: 2,
  waiting: 19_998,
  bytes: 409_600_000,
  ranges: { total: 64, done: 20 },
  rate: 13_333.3,
  timeLeftMs: 45_000,
};

export const backfillView = job
  .extend({
    planned: count.meta({ description: 'Keys of the source that there are to list: estimated, until all are.' }),
    listed: count,
    enqueued: count,
    done: count.meta({ description: 'Of what was enqueued: looked at to the end.' }),
    failed: count.meta({ description: 'Of what was enqueued: given up with an error that is listed among the events.' }),
    waiting: count.meta({ description: 'Of what was enqueued: neither.' }),
    bytes,
    ranges: z.object({ total: count, done: count }),
    rate: z.number().meta({ description: 'Keys listed a second.' }),
    timeLeftMs: z.nullable(count).meta({ description: 'Until all is listed, ms; null when nobody can know.' }),
  })
  .meta({ id: 'Backfill', description: 'A backfill, and how far it is.', examples: [{ ...JOB, ...PROGRESS }] });

export const backfillPage = z
  .object({ backfills: z.array(backfillView), cursor: z.optional(cursor), partial: z.boolean() })
  .meta({ id: 'BackfillPage', examples: [{ backfills: [{ ...JOB, ...PROGRESS }], partial: false }] });
