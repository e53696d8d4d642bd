/** What the path of one key is given, and what it answers. */
import type { ObjectChange, Side } from '../core/change.ts';
import type { TidemarkError } from '../core/errors.ts';
import type { Delivery } from '../core/objects/delivery.ts';
import type { Listed } from '../core/objects/listed.ts';
import type { LinkTraits } from '../core/objects/plan.ts';
import type { RetryPolicy } from '../core/retry.ts';
import type { Route } from '../core/routes/route.ts';
import type { Meter } from '../ports/meter.ts';
import type { Link } from '../ports/objects.ts';
import type { Queue } from '../ports/queue.ts';
import type { ReplicationState, RoutePauses } from '../ports/replication-state.ts';
import type { Clock, Ids } from '../ports/system.ts';
import type { BreakerDeps } from './delete-breaker.ts';
import type { Pace } from './pace.ts';

export interface ReplayDeps extends BreakerDeps {
  readonly state: ReplicationState;
  readonly queue: Pick<Queue, 'send'>;
  readonly pauses: Pick<RoutePauses, 'read' | 'recent'>;
  readonly pace: Pace;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The ends of a route, and what was found out about them. */
  readonly link: (route: Route) => Promise<Linked>;
  readonly meter?: Meter;
}

export interface OneWay {
  readonly link: Link;
  readonly traits: LinkTraits;
}

export interface Linked extends OneWay {
  /** On bidirectional routes: from `to` to `from`. */
  readonly back?: OneWay;
}

/** The link that leads to each side. */
export type LinkBothWays = Readonly<Record<Side, OneWay>>;

export interface KeyJob {
  readonly route: Route;
  readonly key: string;
  /** What the messages behind this job tell; empty when the record holds its deliveries already. */
  readonly changes: readonly ObjectChange[];
  /** One of the messages is a look: it may be the one that waits for the end of another worker's lease. */
  readonly look: boolean;
  /** What a listing showed, where the one message behind this job tells. */
  readonly listed?: Listed;
  /** How often the message was received, this time included. */
  readonly receives: number;
  /** No write is sent after it, ms since the epoch. */
  readonly deadline: number;
  readonly leaseMs: number;
  readonly retry: RetryPolicy;
  /** For work that no queued message stands behind. */
  readonly alwaysLease: boolean;
}

/** `deliveries`: those of the key, as the record has them then. */
export type KeyOutcome =
  | {
      readonly kind: 'settled';
      readonly done: number;
      readonly superseded: number;
      readonly acted: boolean;
      readonly deliveries: readonly Delivery[];
    }
  /** Another worker, a later look that is queued already, or whoever resumes the route takes care of it. */
  | { readonly kind: 'deferred' }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly error: TidemarkError }
  /** Nothing failed: the message is sent anew, to come back after so long. */
  | { readonly kind: 'postponed'; readonly delayMs: number }
  | { readonly kind: 'failed'; readonly error: TidemarkError; readonly errors: number; readonly deliveries: readonly Delivery[] };
