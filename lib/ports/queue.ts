import type { TidemarkError } from '../core/errors.ts';

export interface OutgoingMessage {
  readonly body: string;
  /** Seconds until it becomes visible, 0 to 900. */
  readonly delaySec?: number;
}

/** What producers and the replayer need; consuming is the event source mapping's work (embedded: the host's). */
export interface Queue {
  /**
   * What must wait for longer is sent anew, delayed, and acknowledged: a service that holds only so many messages in flight would
   * give out none when many wait. Absent: it holds any number. Seconds.
   */
  readonly holdSec?: number;
  send(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Makes a message in flight visible again after `seconds` (0 to 43,200). */
  delay(receipt: string, seconds: number): Promise<void>;
  /** Puts a copy into the dead-letter queue, with why; the caller then acknowledges the original. */
  park(body: string, reason: string): Promise<void>;
}

export interface QueueStats {
  readonly waiting: number;
  /** Sent or given back for later, and not yet due: not a backlog, since the records know what is retried. */
  readonly delayed: number;
  readonly inFlight: number;
  readonly dead: number;
  /** When the oldest message that is in flight, due and never received, or given up and not recorded yet was first sent, ms since the epoch. */
  readonly oldestAt?: number;
  /** Why nobody could say when the oldest was sent; all else holds. */
  readonly oldestUnknown?: TidemarkError;
}

export interface QueueAdmin {
  stats(): Promise<QueueStats>;
  /** Moves what lies in the dead-letter queue back to its source. @returns how many, as far as is known */
  redrive(): Promise<number>;
}
