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
