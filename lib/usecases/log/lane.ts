import { TidemarkError } from '../../core/errors.ts';
import type { AppendState, Batch, Places } from '../../core/log/append.ts';
import type { Written } from '../../core/log/draft.ts';
import { MAX_CHUNK_BYTES, MAX_CHUNK_EVENTS } from '../../core/log/rules.ts';
import type { LogStore } from '../../ports/log-store.ts';
import type { Ids, SteadyClock } from '../../ports/system.ts';

export interface LogDeps {
  readonly store: LogStore;
  readonly clock: SteadyClock;
  readonly ids: Ids;
  /** Told of each stream that has grown, for those of this process who follow it. */
  readonly news?: { announce(stream: string): void };
  /** How many of a stream's newest ids are remembered: DEDUPE_EVENTS. */
  readonly window: number;
}

/** Where an event stands. */
export interface Placed {
  readonly id: string;
  readonly sequence: number;
}

/** One call that waits for its events to be stored. */
interface Waiting {
  readonly events: readonly Written[];
  /** See Batch. */
  readonly since: number | undefined;
  readonly placed: Placed[];
  readonly resolve: (placed: readonly Placed[]) => void;
  readonly reject: (error: TidemarkError) => void;
}

/** What one process does with one stream: the appends that wait, and what it knows of the end. */
export class Lane {
  readonly stream: string;
  state: AppendState = { is: 'looking' };
  running = false;
  #waiting: Waiting[] = [];
  /** Of each event in the batch under way, whose it is. */
  #batch: readonly { readonly event: Written; readonly call: Waiting }[] = [];

  constructor(stream: string) {
    this.stream = stream;
  }

  /** How many ids it remembers. */
  get remembers(): number {
    return 'tail' in this.state ? this.state.tail.recent.size : 0;
  }

  wait(events: readonly Written[], since: number | undefined, resolve: Waiting['resolve'], reject: Waiting['reject']): void {
    this.#waiting.push({ events, since, placed: [], resolve, reject });
  }

  /** As much of what waits as one chunk holds, in the order it came. @returns null when nothing waits */
  nextBatch(ids: Pick<Ids, 'next'>): Batch | null {
    const batch: { readonly event: Written; readonly call: Waiting }[] = [];
    let bytes = 2;
    for (const call of this.#waiting) {
      // What is refused for one must not fail another.
      if (batch[0] && batch[0].call.since !== call.since) break;
      for (const event of call.events.slice(call.placed.length)) {
        bytes += event.bytes + 1;
        if (batch.length > 0 && (batch.length >= MAX_CHUNK_EVENTS || bytes > MAX_CHUNK_BYTES)) return this.#begin(batch, ids);
        batch.push({ event, call });
      }
    }
    return batch.length === 0 ? null : this.#begin(batch, ids);
  }

  #begin(batch: readonly { readonly event: Written; readonly call: Waiting }[], ids: Pick<Ids, 'next'>): Batch {
    this.#batch = batch;
    const since = batch[0]?.call.since;
    return { stream: this.stream, id: ids.next(), events: batch.map(({ event }) => event), ...(since === undefined ? {} : { since }) };
  }

  /** The batch under way is stored. */
  place(places: Places): void {
    for (const { event, call } of this.#batch) {
      call.placed.push({ id: event.id, sequence: places.get(event.id) ?? Number.NaN });
      if (call.placed.length === call.events.length) call.resolve(call.placed);
    }
    this.#waiting = this.#waiting.filter(({ events, placed }) => placed.length < events.length);
  }

  /** The batch under way is not to be tried, for what its own calls asked. */
  refuse(error: TidemarkError): void {
    const refused = new Set(this.#batch.map(({ call }) => call));
    this.#waiting = this.#waiting.filter((call) => !refused.has(call));
    for (const call of refused) call.reject(error);
  }

  /**
   * The batch under way failed, and with it all that waits: who sends ahead without waiting for answers must not find what is behind a
   * failure stored, and what is before it not.
   */
  fail(error: TidemarkError): void {
    const tried = new Set(this.#batch.map(({ call }) => call));
    for (const call of this.#waiting.splice(0)) call.reject(tried.has(call) ? error : notTried(this.stream, error));
  }
}

function notTried(stream: string, error: TidemarkError): TidemarkError {
  return new TidemarkError(
    error.code,
    `nothing was appended to the stream ${stream}, since what came before it failed; send it again`,
    { stream },
    error,
  );
}
