/** Watches what reaches the store and what clients are told, and says which invariant of lib/core/log/SPEC.md broke. */
import { type Chunk, endOf, eventsIn } from '../../../lib/core/log/chunk.ts';
import type { Placed } from '../../../lib/usecases/log/lane.ts';
import type { Violation } from '../monitor.ts';
import type { LogScenario } from './scenario.ts';
import type { SharedLog } from './store.ts';

interface Stored {
  readonly id: string;
  /** Which call of an appender it was a part of. */
  readonly call: string;
}

/** Everything that was ever stored in a stream. */
interface History {
  readonly events: Stored[];
  at: number;
  /** Before this sequence all is removed. */
  removedBefore: number;
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

  /** How many events the stream has ever held. */
  lengthOf(stream: string): number {
    return this.#history(stream).events.length;
  }

  /** The first sequence that a reader may still ask for. */
  hotFrom(stream: string): number {
    return Math.max(1, this.#history(stream).removedBefore);
  }

  idAt(stream: string, sequence: number): string | undefined {
    return this.#history(stream).events[sequence - 1]?.id;
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
    for (const { id, sequence, correlationId: call = '' } of eventsIn(chunk)) {
      const places = history.events.flatMap((event, index) => (event.id === id ? [{ call: event.call, sequence: index + 1 }] : []));
      if (places.some((place) => place.call === call)) this.violate('L4', `one append put ${id} twice into ${stream}, at ${sequence} again`);
      // An appender knows what was there before the chunk began.
      const known = places.find((place) => first - place.sequence <= this.#scenario.window && place.sequence >= history.removedBefore);
      if (known) this.violate('L3', `${id} stands at ${known.sequence} of ${stream}, and at ${sequence} again`);
      history.events[sequence - 1] = { id, call };
    }
    if (endOf(chunk) - 1 !== history.events.length && first >= next) this.violate('L1', `${stream} has a gap before ${endOf(chunk)}`);
  }

  #history(stream: string): History {
    const history = this.#histories.get(stream) ?? { events: [], at: 0, removedBefore: 1 };
    this.#histories.set(stream, history);
    return history;
  }
}
