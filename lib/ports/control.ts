import type { ControlRecord } from '../core/gateway/control.ts';
import type { ObserverState } from '../core/gateway/observer.ts';
import type { Watermark } from '../core/gateway/watermark.ts';

/**
 * What the gateway's processes agree by, outside the regions that they judge. Linearizable.
 * All methods throw TidemarkError THROTTLED, UNAVAILABLE, ACCESS_DENIED or REJECTED; `fields.outcomeUnknown` where a write may have happened.
 */
export interface ControlStore {
  /** Strongly consistent; null where no gateway has begun. */
  read(): Promise<ControlRecord | null>;
  /**
   * Compare-and-swap: writes `next` when the stored version is `expected` (0: none is stored). Durable when it resolves.
   * The caller has set `next.version` to `expected + 1`.
   * @returns false when another version is stored; nothing was written then. True also where the very same record stands there already
   * because an answer was lost on the way
   */
  swap(next: ControlRecord, expected: number): Promise<boolean>;
  /** Strongly consistent; null for one that has counted nothing. */
  observer(name: string): Promise<ObserverState | null>;
  observers(): Promise<readonly ObserverState[]>;
  /** As `swap`, of one observer's counters. */
  putObserver(next: ObserverState, expected: number): Promise<boolean>;
  watermarks(): Promise<readonly Watermark[]>;
  /** Keeps the newest of each route, by its `at`. */
  putWatermark(watermark: Watermark): Promise<void>;
}
