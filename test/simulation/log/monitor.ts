/** Watches what reaches the store and what clients are told, and says which invariant of lib/core/log/SPEC.md broke. */
import { type Chunk, endOf, eventsIn } from '../../../lib/core/log/chunk.ts';
import type { Cursor, From } from '../../../lib/core/log/cursor.ts';
import type { ChangeEvent } from '../../../lib/core/log/event.ts';
import type { Placed } from '../../../lib/usecases/log/lane.ts';
import type { Violation } from '../monitor.ts';
import type { LogScenario } from './scenario.ts';
import type { SharedLog } from './store.ts';

interface Stored {
  readonly id: string;
  /** Which call of an appender it was a part of. */
  readonly call: string;
  readonly collection: string;
  /** When its chunk was stored. */
  readonly at: number;
}

/** Everything that was ever stored in a stream. */
interface History {
  readonly events: Stored[];
  at: number;
  /** Before this sequence all is removed. */
  removedBefore: number;
}

/** What a reader is to be given. */
interface Given {
  readonly known: number | null;
  readonly length: number;
  readonly collections: readonly string[] | undefined;
}

export class LogMonitor {
  readonly violations: Violation[] = [];
  readonly #scenario: LogScenario;
  readonly #histories = new Map<string, History>();
  /** What was sent to a place, by place and batch. */
  readonly #sent = new Map<string, string>();

  constructor(scenario: LogScenario, shared: SharedLog) {
    this.#scenario = scenario;
    shared.onPut = (chunk, isStored) => this.#reached(chunk, isStored);
    shared.onSaved = ({ subscriberId, cursor }, before) => {
      if (before && cursor.sequence < before.cursor.sequence)
        this.violate('L10', `the checkpoint of ${subscriberId} went back from ${before.cursor.sequence} to ${cursor.sequence}`);
    };
    shared.onRemoved = (stream, before) => {
      this.#history(stream).removedBefore = before;
    };
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** A client is told where its events stand. */
  acknowledged(stream: string, call: string, ids: readonly string[], placed: readonly Placed[]): void {
    const { events } = this.#history(stream);
    let before = 0;
    for (const [index, id] of ids.entries()) {
      const { sequence = Number.NaN } = placed[index] ?? {};
      if (events[sequence - 1]?.id !== id) this.violate('L5', `a client was told that ${id} stands at ${sequence} of ${stream}, where it does not`);
      // What former calls stored stands where it stood.
      if (events[sequence - 1]?.call !== call) continue;
      if (!(sequence > before)) this.violate('L6', `${id} stands at ${sequence} of ${stream}, before what was told before it`);
      before = sequence;
    }
  }

  /**
   * A reader is given a batch.
   * @param reading `known`: behind which sequence it is to begin; null: where `from` says; `length` of the stream when it began to look
   */
  given(stream: string, from: From, { known, length, collections }: Given, events: readonly ChangeEvent[], cursor: Cursor): void {
    const all = this.#history(stream).events;
    const begin = known ?? this.#beginning(stream, from, (events[0]?.sequence ?? cursor.sequence) - 1, length);
    if (from === 'earliest' && known === null && !collections && begin + 1 > this.#history(stream).removedBefore)
      this.violate('L9', `a reader of ${stream} began at ${begin + 1}, and what is before was there`);
    const wanted = all
      .slice(begin, cursor.sequence)
      .map(({ id, collection }, index) => ({ id, collection, sequence: begin + index + 1 }))
      .filter(({ collection }) => collections?.includes(collection) !== false);
    const isWhole = cursor.sequence <= all.length && cursor.sequence > begin;
    const isSame =
      wanted.length === events.length && wanted.every(({ id, sequence }, index) => events[index]?.id === id && events[index].sequence === sequence);
    if (!isWhole || !isSame)
      this.violate(
        'L9',
        `behind ${begin} of ${stream} a reader was given ${events.map(({ sequence }) => sequence).join(', ')} up to ${cursor.sequence}`,
      );
  }

  /** A reading has come to its end and given nothing. @param length of the stream when it began */
  gaveNothing(stream: string, from: From, known: number | null, length: number): void {
    if (known === null) this.#beginning(stream, from, length, length);
    else if (known < length) this.violate('L9', `a reader at ${known} of ${stream}, which ended at ${length}, was given nothing`);
  }

  /** A reader is told that what it wants is no longer there. */
  expired(stream: string, known: number | null, isByTime: boolean): void {
    const { removedBefore } = this.#history(stream);
    if (isByTime ? removedBefore === 1 : (known ?? 0) + 1 >= removedBefore)
      this.violate('L9', `a reader at ${known ?? 0} of ${stream} was told that what comes next is gone; only what is before ${removedBefore} is`);
  }

  /** How many events the stream has ever held. */
  lengthOf(stream: string): number {
    return this.#history(stream).events.length;
  }

  /** @param found behind which sequence a reader began @param length of the stream when it began to look @returns `found` */
  #beginning(stream: string, from: From, found: number, length: number): number {
    if (typeof from === 'string' || from.sequence !== undefined) return found;
    const { timestamp } = from;
    const before = this.#history(stream).events.slice(0, length);
    const missed = before.slice(0, found).find(({ at }) => at >= timestamp);
    if (missed) this.violate('L11', `a reader of ${stream} from ${timestamp} on was not given ${missed.id} of ${missed.at}`);
    const older = before.slice(found).find(({ at }) => at < timestamp);
    if (older) this.violate('L11', `a reader of ${stream} from ${timestamp} on was given ${older.id} of ${older.at}`);
    return found;
  }

  #reached(chunk: Chunk, isStored: boolean): void {
    const place = `${chunk.stream}/${chunk.first}/${chunk.batch}`;
    const text = JSON.stringify(chunk);
    const former = this.#sent.get(place);
    if (former !== undefined && former !== text) this.violate('L4', `${place} was sent with other bytes than before`);
    this.#sent.set(place, text);
    if (isStored) this.#stored(chunk);
  }

  #stored(chunk: Chunk): void {
    const { stream, first, at, count } = chunk;
    const history = this.#history(stream);
    const next = history.events.length + 1;
    if (first > next) this.violate('L1', `a chunk at ${first} of ${stream}, which ends at ${next - 1}`);
    if (first < next)
      this.violate('L2', `a chunk at ${first} of ${stream}, whose events ${first} to ${Math.min(next, first + count) - 1} were there`);
    if (at < history.at) this.violate('L7', `a chunk at ${first} of ${stream}, stored ${history.at - at} ms before the one before it`);
    history.at = at;
    for (const { id, sequence, collection, correlationId: call = '' } of eventsIn(chunk)) {
      const places = history.events.flatMap((event, index) => (event.id === id ? [{ call: event.call, sequence: index + 1 }] : []));
      if (places.some((place) => place.call === call)) this.violate('L4', `one append put ${id} twice into ${stream}, at ${sequence} again`);
      // An appender knows what was there before the chunk began.
      const known = places.find((place) => first - place.sequence <= this.#scenario.window && place.sequence >= history.removedBefore);
      if (known) this.violate('L3', `${id} stands at ${known.sequence} of ${stream}, and at ${sequence} again`);
      history.events[sequence - 1] = { id, call, collection, at };
    }
    if (endOf(chunk) - 1 !== history.events.length && first >= next) this.violate('L1', `${stream} has a gap before ${endOf(chunk)}`);
  }

  #history(stream: string): History {
    const history = this.#histories.get(stream) ?? { events: [], at: 0, removedBefore: 1 };
    this.#histories.set(stream, history);
    return history;
  }
}
