/** The shape of what a person writes into the configuration. How its parts fit together: topology.ts. */
import * as z from 'zod';
import { isProbe } from '../core/routes/route.ts';
import { bucketNameProblem } from './bucket-name.ts';
import { rule, strict } from './field-problems.ts';
import { gatewayProblems, gatewaySchema } from './gateway-schema.ts';
import { isLoopback } from './host.ts';
import { kmsKeyArn } from './kms-key.ts';
import { checkTopology, isName } from './topology.ts';

const name = rule(z.string(), isName, 'a name has 1 to 40 lowercase letters, digits and hyphens', 'Rename it, as "primary".');

const bucketName = z.string().superRefine((text, context) => {
  const problem = bucketNameProblem(text);
  if (problem) context.addIssue({ code: 'custom', message: problem, params: { fix: 'Give the name of the bucket, as "acme-primary".' } });
});

const bucket = rule(
  strict({ existing: z.optional(bucketName), create: z.optional(bucketName) }),
  ({ existing, create }) => (existing === undefined) !== (create === undefined),
  'a bucket either exists or is created',
  'Give { existing: "name" } or { create: "name" }.',
);

/** A key pasted here by mistake is told apart from the name of a variable, and is never repeated in a message. */
const variableName = rule(
  z.string(),
  (text) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text) && !/^A[KS]IA[A-Z0-9]{12,}$/.test(text),
  'expected the name of an environment variable',
  'Put the key itself into the environment and its variable here, as "PRIMARY_S3_ACCESS_KEY".',
);

const endpoint = rule(
  z.string(),
  isEndpoint,
  'an endpoint is an http or https address without a path, user or query',
  'Give it as "https://s3.example.com" or "http://127.0.0.1:9000", or leave it out for AWS itself.',
);

const folder = rule(z.string(), (path) => path !== '' && !path.includes('\0'), 'a folder has a path', 'Give its path, as "./data/regions/primary".');

const awsRegion = rule(
  z.string(),
  (text) => /^[A-Za-z0-9_-]{1,64}$/.test(text),
  'a region of AWS is named like eu-west-1',
  'Give the region of the bucket, as "eu-west-1".',
);

const region = strict({
  folder: z.optional(folder),
  bucket: z.optional(bucket),
  awsRegion: z.optional(awsRegion),
  endpoint: z.optional(endpoint),
  forcePathStyle: z.optional(z.boolean()),
  credentials: z.optional(strict({ accessKeyEnv: variableName, secretKeyEnv: variableName })),
}).superRefine((value, context) => {
  const refuse = (path: readonly string[], message: string, fix: string): void =>
    context.addIssue({ code: 'custom', path: [...path], message, params: { fix } });
  if ((value.folder === undefined) === (value.bucket === undefined)) {
    refuse([], 'a region is either a folder or a bucket', 'Give { folder: "./path" } or { bucket: { existing: "name" }, awsRegion: "eu-west-1" }.');
  } else if (value.folder !== undefined) {
    const alien = (['awsRegion', 'endpoint', 'forcePathStyle', 'credentials'] as const).filter((field) => value[field] !== undefined);
    for (const field of alien) refuse([field], 'a folder has none', 'Remove it, or name a bucket instead of the folder.');
  } else {
    if (value.awsRegion === undefined) refuse(['awsRegion'], 'it is missing', 'Give the region of the bucket, as "eu-west-1".');
    if (value.bucket?.create !== undefined && value.endpoint !== undefined) {
      refuse(['bucket', 'create'], 'only buckets of AWS itself can be created', 'Create it at the endpoint and give { existing: "name" }.');
    }
  }
});

/** A day: who is further off has no clock. */
const MAX_SKEW_MS = 24 * 3600 * 1000;

const prefix = rule(z.string(), isPrefix, 'a prefix is the beginning of a key', 'Give 1,024 bytes of UTF-8 at most, without NUL.');

const bidirectional = z.preprocess(
  (value) => (value === true ? {} : value === false ? undefined : value),
  z.optional(strict({ prefer: z.optional(z.string()), maxSkewMs: z.optional(z.int().min(0).max(MAX_SKEW_MS)) })),
);

const suffix = rule(prefix, (text) => text !== '', 'a suffix is the end of a key', 'Give it as ".pdf", or leave it out for all keys.');
const bytes = z.int().min(0);
const perSec = z.number().positive().max(1e15);

/** S3 allows as much. */
const tags = rule(
  z.record(z.string().min(1).max(128), z.string().max(256)),
  (wanted) => Object.keys(wanted).length >= 1 && Object.keys(wanted).length <= 10,
  'an object has 1 to 10 tags to choose it by',
  'Give them as { class: "public" }, or leave them out for all objects.',
);

const route = rule(
  strict({
    suffix: z.optional(z.union([suffix, z.array(suffix).min(1).max(20)])),
    minBytes: z.optional(bytes),
    maxBytes: z.optional(bytes),
    tags: z.optional(tags),
    throttle: z.optional(
      rule(
        strict({ objectsPerSec: z.optional(perSec), bytesPerSec: z.optional(perSec) }),
        ({ objectsPerSec, bytesPerSec }) => objectsPerSec !== undefined || bytesPerSec !== undefined,
        'a throttle bounds objects or bytes',
        'Give { objectsPerSec: 100 } or { bytesPerSec: 50_000_000 }, or leave it out.',
      ),
    ),
    from: z.string(),
    to: z.string(),
    name: z.optional(name),
    prefix: z.optional(prefix),
    deletes: z.optional(z.boolean()),
    destinationPrefix: z.optional(
      rule(prefix, (text) => !isProbe(text), 'what lies there is removed when the endpoint is tried out', 'Give another one, as "from-primary/".'),
    ),
    storageClass: z.optional(
      rule(
        z.string(),
        (text) => /^[A-Z][A-Z0-9_]{1,63}$/.test(text),
        'a storage class has capital letters, digits and underscores',
        'Give it as S3 names it, as "STANDARD_IA".',
      ),
    ),
    kmsKeyArn: z.optional(kmsKeyArn),
    bidirectional,
    canary: z.optional(strict({ everySec: z.int().min(10).max(86_400) })),
  }),
  (value) => isPrefix(`${value.destinationPrefix ?? ''}${value.prefix ?? ''}`),
  'destinationPrefix and prefix together are longer than any key',
  'Give 1,024 bytes of UTF-8 at most for both.',
);

const limits = strict({
  maxRetries: z.optional(z.int().min(1).max(100)),
  leaseSec: z.optional(z.int().min(1).max(900)),
  lookSec: z.optional(z.int().min(5).max(43_000)),
  concurrency: z.optional(z.int().min(1).max(4096)),
  reconcileSec: z.optional(z.int().min(5).max(86_400)),
  deleteGraceSec: z.optional(z.int().min(0).max(900)),
  verifyGraceSec: z.optional(z.int().min(0).max(3_600)),
  backfillWaiting: z.optional(z.int().min(1).max(1_000_000)),
});

const webhookUrl = rule(
  z.string(),
  isWebhook,
  'a webhook is an https address, or an http address of this machine',
  'Give it as "https://hooks.example.com/tidemark", without a user or password.',
);

const busName = rule(
  z.string(),
  (text) => /^[A-Za-z0-9._/-]{1,256}$/.test(text),
  'expected the name of an event bus',
  'Give its name, as "operations", or leave it out for the default bus.',
);

const completions = strict({
  eventBridge: z.optional(strict({ busName: z.optional(busName) })),
  webhook: z.optional(strict({ url: webhookUrl, secretEnv: variableName })),
});

export const configSchema = strict({
  name: z.optional(name),
  regions: z.record(z.string(), region),
  routes: z.array(route).min(1).max(100),
  limits: z.optional(limits),
  completions: z.optional(completions),
  verify: z.optional(
    strict({
      everySec: z
        .int()
        .min(60)
        .max(31 * 86_400),
      deep: z.optional(z.boolean()),
    }),
  ),
  gateway: z.optional(gatewaySchema),
}).superRefine((config, context) => {
  for (const { path, message, fix } of [...checkTopology(config), ...gatewayProblems(config)])
    context.addIssue({ code: 'custom', path: [...path], message, params: { fix } });
});

/** As checked, not yet resolved. */
export type CheckedConfig = z.infer<typeof configSchema>;

function isEndpoint(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  return url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
}

function isWebhook(text: string): boolean {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isPrefix(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0') && Buffer.byteLength(text, 'utf8') <= 1024;
}
