/** The one configuration, resolved: what tidemark.config.ts says, checked, with every default in its place. */
import type { Route } from '../core/routes/route.ts';

/** Either a bucket of S3 (any S3-compatible endpoint) or a folder of this machine. */
export type RegionConfig = S3RegionConfig | FolderRegionConfig;

export interface S3RegionConfig {
  readonly kind: 's3';
  /** As routes, events and requests name it: primary, secondary… */
  readonly name: string;
  /** As AWS names it: eu-west-1. */
  readonly awsRegion: string;
  readonly bucket: string;
  /** True: the stack makes the bucket; false: it exists and is only named. Embedded it must exist. */
  readonly create: boolean;
  /** Undefined: AWS's own. */
  readonly endpoint?: string;
  readonly forcePathStyle: boolean;
  /** Names of environment variables, never values; undefined: the SDK's credential chain. */
  readonly credentials?: { readonly accessKeyEnv: string; readonly secretKeyEnv: string };
}

export interface FolderRegionConfig {
  readonly kind: 'folder';
  readonly name: string;
  readonly path: string;
}

export interface Limits {
  /** Attempts before a failed delivery becomes an error. */
  readonly maxRetries: number;
  readonly leaseSec: number;
  /**
   * How long one look at a key may take, seconds: a large object must be streamed within it. A queue's visibility timeout is
   * longer by a margin. On AWS the function's own timeout is shorter, and counts.
   */
  readonly lookSec: number;
  /** Keys replayed at the same time (embedded). */
  readonly concurrency: number;
  /** Between two reconciles of a route (embedded), seconds. */
  readonly reconcileSec: number;
  /** Before a key that is gone at the source is looked at a second time and deleted (O10), seconds. */
  readonly deleteGraceSec: number;
  /** How long a change may be on its way before a verify tells of it as a difference, seconds. */
  readonly verifyGraceSec: number;
  /** Messages in the queue beyond which a backfill adds none (embedded). */
  readonly backfillWaiting: number;
}

/** Who is told when a delivery ends: EventBridge by the functions on AWS, a webhook by the embedded host. */
export interface CompletionsConfig {
  /** A bus of the region where the route starts; undefined: its default bus. */
  readonly eventBridge?: { readonly busName?: string };
  /** `secretEnv` names an environment variable. */
  readonly webhook?: { readonly url: string; readonly secretEnv: string };
}

export interface TidemarkConfig {
  readonly name: string;
  readonly regions: Readonly<Record<string, RegionConfig>>;
  readonly routes: readonly Route[];
  readonly limits: Limits;
  readonly completions?: CompletionsConfig;
  /** Absent: nothing is verified but what is asked for. */
  readonly verify?: VerifySchedule;
  /** Absent: objects are read and written at their regions alone. */
  readonly gateway?: GatewayConfig;
}

/** One address for the objects of a bidirectional route. */
export interface GatewayConfig {
  readonly route: Route;
  /** The region that is written until the first switch. */
  readonly first: string;
  /** `manual`: never switches by itself. */
  readonly mode: 'auto' | 'manual';
  /** For how long a gateway may write by what it last read of the control record, seconds. A switch takes as long before writes go on. */
  readonly leaseSec: number;
  /** As AWS names it: where the control record and the audit trail lie. Embedded they lie in the database. */
  readonly controlRegion?: string;
  readonly signing: SigningConfig;
  /** Absent: on AWS by IAM, embedded by tokens. */
  readonly jwt?: JwtConfig;
  /** The audit trail names each object that is written or removed. */
  readonly auditWrites: boolean;
}

export interface SigningConfig {
  /** How long an address is good for where nobody says, seconds. */
  readonly expiresSec: number;
  readonly maxExpiresSec: number;
  /** Of those whose prefix fits the longest counts; without any, everything may be signed. */
  readonly rules: readonly SigningRule[];
}

export interface SigningRule {
  readonly prefix: string;
  /** What may be signed below it. */
  readonly allow: readonly ('get' | 'put')[];
  readonly maxExpiresSec?: number;
}

/** Whose tokens are believed. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** @default where the issuer's OpenID configuration says */
  readonly jwksUrl?: string;
}

/** Every route is verified again and again. */
export interface VerifySchedule {
  /** From one start to the next, seconds. */
  readonly everySec: number;
  /** Every byte of both sides is read. */
  readonly deep: boolean;
}

export const DEFAULT_LIMITS: Limits = {
  maxRetries: 5,
  leaseSec: 60,
  lookSec: 3600,
  concurrency: 256,
  reconcileSec: 60,
  deleteGraceSec: 5,
  verifyGraceSec: 60,
  backfillWaiting: 10_000,
};
