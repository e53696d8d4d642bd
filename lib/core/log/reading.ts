/** One reading of a stream: from chunks to batches, each event once and none skipped. */
import { type Chunk, endOf, eventsIn } from './chunk.ts';
import { type Cursor, checkedTo, expired, type To } from './cursor.ts';
import { type ChangeEvent, OPERATIONS, type Operation } from './event.ts';
import { invalid } from './invalid.ts';

export interface EventBatch {
  /** In their order; none where the filter let none through: the reading goes on nevertheless. */
  readonly events: readonly ChangeEvent[];
  /** Everything up to here was given, or filtered out: what to save once the events are dealt with, and where to go on. */
  readonly cursor: Cursor;
}

export interface ReadingOptions {
  /** Where to end: with that sequence, or before the first event that was stored at that time or later; left out: at the stream's end. */
  readonly toCursor?: To;
  /** Only events of these. */
  readonly collections?: readonly string[];
  readonly operations?: readonly Operation[];
  /** How many events a batch holds at most, 1 to 10,000; 100 where it is left out. */
  readonly batchSize?: number;
}

const BATCH_SIZE = 100;
const MAX_BATCH_SIZE = 10_000;

export class Reading {
  readonly #stream: string;
  readonly #to: To | null;
  readonly #collections: ReadonlySet<string> | null;
  readonly #operations: ReadonlySet<string> | null;
  readonly #batchSize: number;
  #next: number;
  #isOver = false;
  #events: ChangeEvent[] = [];
  /** Behind the last event that was looked at; null: a batch has told of it. */
  #cursor: Cursor | null = null;

  /**
   * @param next the sequence of the first event to give
   * @throws TidemarkError INVALID_INPUT for options that make no sense
   */
  constructor(stream: string, next: number, { toCursor, collections, operations, batchSize = BATCH_SIZE }: ReadingOptions) {
    if (!Number.isSafeInteger(batchSize) || batchSize < 1 || batchSize > MAX_BATCH_SIZE)
      throw invalid('batchSize', `expected a whole number from 1 to ${MAX_BATCH_SIZE}, got ${batchSize}`);
    const unknown = operations?.find((operation) => !OPERATIONS.includes(operation));
    if (unknown !== undefined) throw invalid('operations', `expected ${OPERATIONS.join(', ')}, got ${String(unknown)}`);
    this.#stream = stream;
    this.#next = next;
    this.#to = toCursor === undefined ? null : checkedTo(toCursor, stream, 'toCursor');
    this.#collections = collections ? new Set(collections) : null;
    this.#operations = operations ? new Set(operations) : null;
    this.#batchSize = batchSize;
    this.#isOver = this.#isBehindEnd(next, 0);
  }

  /** The sequence of the next event to look at. */
  get next(): number {
    return this.#next;
  }

  /** The end that was asked for is reached. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * The full batches that come to an end in this chunk.
   * @param chunk the one that holds the next event, or the first that is there behind it
   * @throws TidemarkError CURSOR_EXPIRED when the next event is no longer there
   */
  *take(chunk: Chunk): Generator<EventBatch, void, undefined> {
    if (this.#isOver || endOf(chunk) <= this.#next) return;
    if (chunk.first > this.#next) throw expired(this.#stream, this.#next, chunk.first);
    for (const event of eventsIn(chunk)) {
      if (event.sequence < this.#next) continue;
      if (this.#isBehindEnd(event.sequence, chunk.at)) {
        this.#isOver = true;
        return;
      }
      this.#next = event.sequence + 1;
      this.#cursor = { stream: this.#stream, sequence: event.sequence, timestamp: chunk.at };
      if (this.#isWanted(event)) this.#events.push(event);
      if (this.#events.length === this.#batchSize) yield* this.rest();
    }
    this.#isOver = this.#isBehindEnd(this.#next, 0);
  }

  /** What was looked at and not told yet, as a batch. */
  *rest(): Generator<EventBatch, void, undefined> {
    const [events, cursor] = [this.#events, this.#cursor];
    this.#events = [];
    this.#cursor = null;
    if (cursor) yield { events, cursor };
  }

  #isWanted({ collection, operation }: ChangeEvent): boolean {
    return this.#collections?.has(collection) !== false && this.#operations?.has(operation) !== false;
  }

  #isBehindEnd(sequence: number, at: number): boolean {
    if (this.#to === null) return false;
    return this.#to.sequence === undefined ? at >= this.#to.timestamp : sequence > this.#to.sequence;
  }
}
