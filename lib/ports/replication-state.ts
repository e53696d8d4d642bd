import type { Delivery, DeliveryStatus } from '../core/objects/delivery.ts';
import type { ReplicationRecord } from '../core/objects/record.ts';

export interface ReplicationState {
  /** Strongly consistent. */
  get(route: string, key: string): Promise<ReplicationRecord | null>;
  /** Strongly consistent, at most 100 keys; absent ones are missing from the map. */
  getMany(route: string, keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>>;
  /**
   * Compare-and-swap: writes `record` when the stored version is `expected` (0: no item is stored).
   * Durable when it resolves. The caller has set `record.version` to `expected + 1`.
   * @returns false when another version is stored; nothing was written then
   */
  put(record: ReplicationRecord, expected: number): Promise<boolean>;
}

export interface DeliveryQuery {
  readonly status?: DeliveryStatus;
  /** A prefix, or a pattern with `%` for any run of characters. Case-sensitive. */
  readonly keyLike?: string;
  /** Only what changed (its updatedAt) then or later, ms since the epoch. Found by looking at all that the rest of the query names. */
  readonly since?: number;
  readonly limit: number;
  readonly offset?: number;
  /** As a former answer gave it. */
  readonly cursor?: string;
}

export interface DeliveryView extends Delivery {
  readonly route: string;
  readonly key: string;
  readonly leaseUntil?: number;
}

export interface DeliveryPage {
  /** Ordered by route, then key in UTF-8 byte order, then age. As many as were asked for, or as an answer of Lambda can hold. */
  readonly events: readonly DeliveryView[];
  /** Present when there may be more: the answer is a part. */
  readonly cursor?: string;
}

export type RecordRef = { readonly route: string; readonly key: string };

export interface StateStats {
  /** done and superseded count for ever; the others count what is so now. */
  readonly counts: Readonly<Record<DeliveryStatus, number>>;
  /** createdAt of the oldest delivery that is pending or in progress, ms since the epoch. */
  readonly oldestOpenAt?: number;
  /** What the open deliveries say of their sizes, in bytes. */
  readonly openBytes: number;
  /** Objects that the records say are applied, by route. */
  readonly objects: Readonly<Record<string, number>>;
  /** What lost where both sides had changed, and nobody dismissed; by route, where there is any. */
  readonly conflicts: Readonly<Record<string, number>>;
}

export type WaitingKind = 'open' | 'error' | 'conflict';
/** Since when the longest-waiting delivery of a route waits (its createdAt), ms since the epoch; absent: none does. */
export interface Oldest {
  /** Pending or in progress. */
  readonly open?: number;
  readonly error?: number;
}

/** Sparse: holds only records that need attention (workEntry in core/objects/record.ts). */
export interface WorkIndex {
  /** Records of these routes alone whose work entry is due at or before `before`, the longest due first. */
  due(routes: readonly string[], before: number, limit: number): Promise<readonly RecordRef[]>;
  /** Records that hold an open delivery (`open`), an error (`error`) or a conflict that nobody dismissed (`conflict`), oldest entry first. */
  waiting(kind: WaitingKind, limit: number, after?: RecordRef): Promise<readonly RecordRef[]>;
  deliveries(query: DeliveryQuery): Promise<DeliveryPage>;
  stats(): Promise<StateStats>;
  /** Costs the same however much waits: asked every minute. */
  oldest(route: string): Promise<Oldest>;
  /** How many objects the route's records say are applied. Asked before every delete, so it costs a read at most. */
  objects(route: string): Promise<number>;
}

export interface DeleteWindow {
  /** Deletes since `since`, of which the whole minute counts. */
  readonly deletes: number;
  /** When the route's deletes were paused, ms since the epoch; null: they flow. */
  readonly pausedAt: number | null;
  /** Until when a person lets any number run, as said last, ms since the epoch; once that is past, it or null. */
  readonly acceptedUntil: number | null;
}

/** Counts deletes per route for the breaker of O10 (core/objects/breaker.ts decides). */
export interface DeleteLog {
  /** Adds `count` deletes in the minute of `at`. */
  add(route: string, at: number, count: number): Promise<void>;
  read(route: string, since: number): Promise<DeleteWindow>;
  /** Pausing what is paused keeps the first moment. @returns whether they flowed until then */
  pause(route: string, at: number): Promise<boolean>;
  /** Lets deletes flow again, and as many as there are until `acceptedUntil`, ms since the epoch. What ran before still counts as run. */
  resume(route: string, acceptedUntil: number): Promise<void>;
}

/** The routes that a person paused: nothing is carried out on them until they are resumed. */
export interface RoutePauses {
  /** Since when each paused route is, ms since the epoch. Strongly consistent. */
  read(): Promise<ReadonlyMap<string, number>>;
  /** As `read`, up to a second old: asked before each look. */
  recent(): Promise<ReadonlyMap<string, number>>;
  /** Pausing what is paused keeps the first moment. */
  pause(route: string, at: number): Promise<void>;
  /** Lets it flow. @returns whether what was held is to be looked for: it was paused, or a former resumption did not end */
  resume(route: string): Promise<boolean>;
  /** All that was held is looked for: the resumption has ended. */
  released(route: string): Promise<void>;
}
