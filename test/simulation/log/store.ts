/** The chunks as the real use-cases see them, over the network. */

import type { Checkpoint } from '../../../lib/core/log/checkpoint.ts';
import { type Chunk, endOf } from '../../../lib/core/log/chunk.ts';
import { removable } from '../../../lib/core/log/retention.ts';
import { KEEP_AT_LEAST_MS } from '../../../lib/core/log/rules.ts';
import type { CheckpointStore, LogStore } from '../../../lib/ports/log-store.ts';
import type { Process } from '../gateway/process.ts';
import type { LogNetwork } from './network.ts';

const PAGE = 3;

/** What everybody shares: the chunks that are there, in their order. */
export class SharedLog {
  readonly streams = new Map<string, Chunk[]>();
  /** Told of each put that reaches the store, and of those that are stored. */
  onPut: (chunk: Chunk, isStored: boolean) => void = () => undefined;
  readonly checkpoints = new Map<string, Checkpoint>();
  onRemoved: (stream: string, before: number) => void = () => undefined;

  /** Told of each checkpoint that is written. */
  onSaved: (next: Checkpoint, before: Checkpoint | undefined) => void = () => undefined;

  chunks(stream: string): Chunk[] {
    const chunks = this.streams.get(stream) ?? [];
    this.streams.set(stream, chunks);
    return chunks;
  }

  put(chunk: Chunk): boolean {
    const chunks = this.chunks(chunk.stream);
    const isFree = chunks.every(({ first }) => first !== chunk.first);
    this.onPut(chunk, isFree);
    if (isFree) chunks.splice(chunks.filter(({ first }) => first < chunk.first).length, 0, chunk);
    return isFree;
  }

  /** As the retention does that runs somewhere, by a clock of its own. */
  removeOld(now: number): void {
    for (const [stream, chunks] of this.streams) {
      const newest = chunks.at(-1);
      if (!newest) continue;
      const removed = chunks.splice(0, removable(chunks, newest.first, KEEP_AT_LEAST_MS, now)).at(-1);
      if (removed) this.onRemoved(stream, endOf(removed));
    }
  }
}

export class ModelLogStore implements LogStore {
  readonly #shared: SharedLog;
  readonly #network: LogNetwork;
  readonly #process: Process;

  constructor(shared: SharedLog, network: LogNetwork, process: Process) {
    this.#shared = shared;
    this.#network = network;
    this.#process = process;
  }

  put(chunk: Chunk): Promise<boolean> {
    const what = `put ${chunk.stream} ${chunk.first}+${chunk.count} ${chunk.batch}`;
    return this.#network.call(this.#process, what, () => this.#shared.put(chunk));
  }

  read(stream: string, from: number, limit: number): Promise<readonly Chunk[]> {
    return this.#network.call(this.#process, `read ${stream} ${from}`, () =>
      this.#shared
        .chunks(stream)
        .filter(({ first }) => first >= from)
        .slice(0, Math.min(limit, PAGE)),
    );
  }

  at(stream: string, sequence: number): Promise<Chunk | null> {
    return this.#network.call(
      this.#process,
      `at ${stream} ${sequence}`,
      () => this.#shared.chunks(stream).findLast(({ first }) => first <= sequence) ?? null,
    );
  }

  streams(): Promise<readonly string[]> {
    return this.#network.call(this.#process, 'streams', () => [...this.#shared.streams.keys()]);
  }
}

export class ModelCheckpoints implements CheckpointStore {
  readonly #shared: SharedLog;
  readonly #network: LogNetwork;
  readonly #process: Process;

  constructor(shared: SharedLog, network: LogNetwork, process: Process) {
    this.#shared = shared;
    this.#network = network;
    this.#process = process;
  }

  get(stream: string, subscriberId: string): Promise<Checkpoint | null> {
    const key = `${stream}/${subscriberId}`;
    return this.#network.call(this.#process, `checkpoint ${key}`, () => this.#shared.checkpoints.get(key) ?? null);
  }

  put(next: Checkpoint): Promise<boolean> {
    const key = `${next.cursor.stream}/${next.subscriberId}`;
    return this.#network.call(this.#process, `save ${key} ${next.cursor.sequence}`, () => {
      const before = this.#shared.checkpoints.get(key);
      if ((before?.version ?? 0) !== next.version - 1) return false;
      this.#shared.onSaved(next, before);
      this.#shared.checkpoints.set(key, next);
      return true;
    });
  }

  list(): Promise<readonly Checkpoint[]> {
    return this.#network.call(this.#process, 'checkpoints', () => [...this.#shared.checkpoints.values()]);
  }
}
