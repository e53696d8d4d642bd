import type { Checkpoint } from '../core/log/checkpoint.ts';
import type { Chunk } from '../core/log/chunk.ts';

/** Where the chunks of streams lie hot. Strongly consistent: what was put is seen by whoever asks afterwards. */
export interface LogStore {
  /**
   * Puts a chunk at its place if nothing is there. Durable when it resolves.
   * @param chunk its `first` is the end of the stream as the caller has seen it
   * @returns false when a chunk has that place, and be it this very one
   * @throws TidemarkError, with `outcomeUnknown` when it may be there nevertheless, or come there yet
   */
  put(chunk: Chunk): Promise<boolean>;
  /**
   * Chunks that begin at `from` or behind it, in order.
   * @param limit how many at most, from 1 on; a store may answer fewer, but none only where there are none
   */
  read(stream: string, from: number, limit: number): Promise<readonly Chunk[]>;
  /** The last chunk that begins at `sequence` or before it; null: there is none. With MAX_SEQUENCE: the newest one. */
  at(stream: string, sequence: number): Promise<Chunk | null>;
  /** Names of streams behind `after`, in some order that stays; fewer than `limit` only at the end. One may be named a moment before its first chunk is there. */
  streams(after: string, limit: number): Promise<readonly string[]>;
}

export const MAX_SEQUENCE = Number.MAX_SAFE_INTEGER;

/** How far subscribers have come. Strongly consistent. */
export interface CheckpointStore {
  get(stream: string, subscriberId: string): Promise<Checkpoint | null>;
  /**
   * Writes it if the stored one is of the version before. Durable when it resolves.
   * @param next its version is one more than that of the one that the caller has seen; 1: there was none
   * @returns false when another version is stored
   */
  put(next: Checkpoint): Promise<boolean>;
  /** Of one stream, those of subscribers behind `after`, in some order that stays; fewer than `limit` only at the end. */
  list(stream: string, after: string, limit: number): Promise<readonly Checkpoint[]>;
}
