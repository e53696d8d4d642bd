/** What the doctor must see of the world, beside what replication needs of it. */
import type { Route } from '../core/routes/route.ts';
import type { Capabilities } from './objects.ts';

export type Role = 'source' | 'destination';

/** Something that the credential in use may not do. */
export interface Denial {
  /** As policies name it: `s3:PutObject`. */
  readonly action: string;
  readonly message: string;
  /** It is the key, not the bucket, that is refused. */
  readonly byKey: boolean;
}

/** Whom a bucket tells of which changes. */
export interface NotificationRule {
  /** As the store names it, as an ARN. */
  readonly target: string;
  /** As `s3:ObjectCreated:*`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

export interface Notifications {
  readonly rules: readonly NotificationRule[];
  readonly eventBridge: boolean;
}

/** A bucket behind an endpoint. All methods throw TidemarkError as those of ObjectReader do. */
export interface DiagnosedEndpoint {
  capabilities(): Promise<Capabilities>;
  /** Tries what a role needs, with objects that nobody reads and that are gone afterwards. */
  denials(role: Role): Promise<readonly Denial[]>;
  /** Tries to write as the route does. @throws TidemarkError where the store does not encrypt with the route's key */
  encrypt(route: Route): Promise<void>;
  /** The clock of the endpoint, to the second, ms since the epoch; null where it tells no time. */
  time(): Promise<number | null>;
  /** Null where the store does not tell. */
  notifications(): Promise<Notifications | null>;
}

export interface DiagnosedRegion {
  /** As Bucket.check. */
  check(): Promise<void>;
  /** Null for a folder: it has no permissions, keys or clock of its own. */
  readonly endpoint: DiagnosedEndpoint | null;
}

export interface DiagnosedQueue {
  /** As people know it. */
  readonly name: string;
  /** @returns false where what fails again and again is never set aside */
  redrives(): Promise<boolean>;
}
