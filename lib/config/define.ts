import { TidemarkError } from '../core/errors.ts';
import { type Bidirectional, DEFAULT_MAX_SKEW_MS, type Route, type Throttle } from '../core/routes/route.ts';
import { type CompletionsConfig, DEFAULT_LIMITS, type Limits, type RegionConfig, type TidemarkConfig } from './config.ts';
import { check, sentence } from './field-problems.ts';
import type { GatewayInput } from './gateway-input.ts';
import { resolveGateway } from './gateway-schema.ts';
import { type CheckedConfig, configSchema } from './schema.ts';
import { routeName } from './topology.ts';

/** A folder of this machine. */
export interface FolderRegionInput {
  /** Path, from the working directory; it is made where it is missing. */
  readonly folder: string;
}

/** A bucket of AWS or of any S3-compatible endpoint. */
export interface BucketRegionInput {
  /** `existing`: it is there and only named. `create`: the stack makes it (AWS alone). */
  readonly bucket: { readonly existing: string } | { readonly create: string };
  /** As AWS names it: eu-west-1. Other stores mostly take us-east-1. */
  readonly awsRegion: string;
  /** Where the store answers, as http://127.0.0.1:9000. @default AWS itself */
  readonly endpoint?: string;
  /** Bucket in the path instead of the host name; most stores beside AWS need it. @default true with an endpoint */
  readonly forcePathStyle?: boolean;
  /** Names of the environment variables that hold the keys; never the keys. @default the AWS credential chain */
  readonly credentials?: { readonly accessKeyEnv: string; readonly secretKeyEnv: string };
}

export interface RouteInput {
  /** Names of two regions. */
  readonly from: string;
  readonly to: string;
  /** 1 to 40 of a–z, 0–9 and `-`; it stands in ids of events and must stay. @default `<from>-<to>` */
  readonly name?: string;
  /** Only keys that begin with it. @default '' (all) */
  readonly prefix?: string;
  /** Only keys that end in it, or in one of them: '.pdf'. @default any end */
  readonly suffix?: string | readonly string[];
  /** Only objects of this size and more, bytes. What a route leaves out it leaves alone, on both sides. @default 0 */
  readonly minBytes?: number;
  /** Only objects of this size and less, bytes. @default no bound */
  readonly maxBytes?: number;
  /** Only objects that have all of these tags. Costs a request an object that has tags. @default any */
  readonly tags?: Readonly<Record<string, string>>;
  /** How much the route may carry in a second; what is more waits. @default as much as there is */
  readonly throttle?: { readonly objectsPerSec?: number; readonly bytesPerSec?: number };
  /** False: what is deleted at the source stays at the destination. @default true */
  readonly deletes?: boolean;
  /** Stands before each key at the destination, as 'from-primary/'. @default '' (the same keys on both sides) */
  readonly destinationPrefix?: string;
  /** Of the copies, as S3 names it: 'STANDARD_IA'. For buckets alone. @default the source object's */
  readonly storageClass?: string;
  /** Encrypts the copies (SSE-KMS). For buckets alone; the key lies in the bucket's region. @default the bucket's own encryption */
  readonly kmsKeyArn?: string;
  /**
   * Both regions are written, and each is made equal to the other; docs/bidirectional.md says who wins where both changed.
   * `prefer`: the region that wins. @default the newer state
   * `maxSkewMs`: a time further ahead of ours is not believed, and `from` wins. @default 60000
   */
  readonly bidirectional?: boolean | { readonly prefer?: string; readonly maxSkewMs?: number };
  /** Sends a small object along the route again and again, below `.tidemark-canary/`, and measures its way. On AWS once a minute at most. @default none */
  readonly canary?: { readonly everySec: number };
}

export interface TidemarkInput {
  /** Of this installation, as it stands in resource names. @default 'tidemark' */
  readonly name?: string;
  /** By the names that routes, events and requests use: 1 to 40 of a–z, 0–9 and `-`. */
  readonly regions: Readonly<Record<string, FolderRegionInput | BucketRegionInput>>;
  readonly routes: readonly RouteInput[];
  /** Each with its default of DEFAULT_LIMITS. */
  readonly limits?: Partial<Limits>;
  /** Who is told when a change was replicated, or could not be. On AWS `eventBridge` is used, embedded `webhook`. @default nobody */
  readonly completions?: CompletionsConfig;
  /** Verifies every route again and again, as { everySec: 86_400 }; `deep` reads every byte of both sides. @default never */
  readonly verify?: { readonly everySec: number; readonly deep?: boolean };
  /** One address for the objects of a bidirectional route, with failover between its regions. @default none */
  readonly gateway?: GatewayInput;
}

const defined = new WeakSet<object>();

/**
 * Checks a configuration and fills in its defaults.
 * @throws TidemarkError INVALID_CONFIG that names every wrong field with its fix; `fields.problems` lists them
 */
export function defineTidemark(input: TidemarkInput): TidemarkConfig {
  return checkedConfig(input, 'the configuration');
}

/** True for what defineTidemark returned. */
export function isDefined(value: unknown): value is TidemarkConfig {
  return typeof value === 'object' && value !== null && defined.has(value);
}

/** As defineTidemark, of anything. @param origin as messages name it: the file */
export function checkedConfig(input: unknown, origin: string): TidemarkConfig {
  const checked = check(configSchema, input, 'configuration');
  if (!checked.ok) {
    const { problems } = checked;
    const lines = problems.map((problem) => `\n  ${sentence(problem)}`);
    throw new TidemarkError(
      'INVALID_CONFIG',
      `${origin} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:${lines.join('')}`,
      { problems },
    );
  }
  const config = resolveConfig(checked.value);
  defined.add(config);
  return config;
}

function resolveConfig({ name = 'tidemark', regions, routes, limits = {}, completions, verify, gateway }: CheckedConfig): TidemarkConfig {
  const named = Object.entries(regions).map(([region, value]) => [region, resolveRegion(region, value)] as const);
  const resolved = routes.map(resolveRoute);
  return {
    name,
    regions: Object.fromEntries(named),
    routes: resolved,
    limits: resolveLimits(limits),
    ...resolveCompletions(completions),
    ...(verify ? { verify: { everySec: verify.everySec, deep: verify.deep ?? false } } : {}),
    ...(gateway ? { gateway: resolveGateway(gateway, resolved) } : {}),
  };
}

function resolveRegion(
  name: string,
  { folder, bucket, awsRegion = '', endpoint, forcePathStyle, credentials }: CheckedConfig['regions'][string],
): RegionConfig {
  if (folder !== undefined) return { kind: 'folder', name, path: folder };
  return {
    kind: 's3',
    name,
    awsRegion,
    bucket: bucket?.existing ?? bucket?.create ?? '',
    create: bucket?.create !== undefined,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: forcePathStyle ?? endpoint !== undefined,
    ...(credentials === undefined ? {} : { credentials }),
  };
}

type CheckedRoute = CheckedConfig['routes'][number];

function resolveRoute(route: CheckedRoute): Route {
  const { from, to, prefix = '', deletes = true, destinationPrefix = '', storageClass, kmsKeyArn, canary, bidirectional } = route;
  const { suffix, minBytes, maxBytes, tags, throttle } = route;
  return {
    name: routeName(route),
    from,
    to,
    prefix,
    deletes,
    ...(suffix === undefined ? {} : { suffix: typeof suffix === 'string' ? [suffix] : suffix }),
    ...(minBytes === undefined ? {} : { minBytes }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(tags === undefined ? {} : { tags }),
    ...(throttle === undefined ? {} : { throttle: resolveThrottle(throttle) }),
    ...(destinationPrefix === '' ? {} : { destinationPrefix }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    ...(bidirectional === undefined ? {} : { bidirectional: resolveBidirectional(bidirectional) }),
    ...(canary === undefined ? {} : { canary }),
  };
}

function resolveThrottle({ objectsPerSec, bytesPerSec }: NonNullable<CheckedConfig['routes'][number]['throttle']>): Throttle {
  return { ...(objectsPerSec === undefined ? {} : { objectsPerSec }), ...(bytesPerSec === undefined ? {} : { bytesPerSec }) };
}

function resolveBidirectional({ prefer, maxSkewMs = DEFAULT_MAX_SKEW_MS }: NonNullable<CheckedRoute['bidirectional']>): Bidirectional {
  return { ...(prefer === undefined ? {} : { prefer }), maxSkewMs };
}

function resolveCompletions({ eventBridge, webhook }: NonNullable<CheckedConfig['completions']> = {}): Pick<TidemarkConfig, 'completions'> {
  if (!eventBridge && !webhook) return {};
  const busName = eventBridge?.busName;
  return {
    completions: {
      ...(eventBridge ? { eventBridge: busName === undefined ? {} : { busName } } : {}),
      ...(webhook ? { webhook } : {}),
    },
  };
}

function resolveLimits(limits: NonNullable<CheckedConfig['limits']>): Limits {
  return {
    maxRetries: limits.maxRetries ?? DEFAULT_LIMITS.maxRetries,
    leaseSec: limits.leaseSec ?? DEFAULT_LIMITS.leaseSec,
    lookSec: limits.lookSec ?? DEFAULT_LIMITS.lookSec,
    concurrency: limits.concurrency ?? DEFAULT_LIMITS.concurrency,
    reconcileSec: limits.reconcileSec ?? DEFAULT_LIMITS.reconcileSec,
    deleteGraceSec: limits.deleteGraceSec ?? DEFAULT_LIMITS.deleteGraceSec,
    verifyGraceSec: limits.verifyGraceSec ?? DEFAULT_LIMITS.verifyGraceSec,
    backfillWaiting: limits.backfillWaiting ?? DEFAULT_LIMITS.backfillWaiting,
  };
}
