/** The change log for an application that imports it: streams in an SQLite file, in the application's own process. */
import * as z from 'zod';
import { SqliteCheckpoints } from '../adapters/sqlite/checkpoints.ts';
import { openDatabase } from '../adapters/sqlite/database.ts';
import { SqliteLogStore } from '../adapters/sqlite/log-store.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import { SystemIds } from '../adapters/system/ids.ts';
import { check, sentence, strict } from '../config/field-problems.ts';
import { TidemarkError } from '../core/errors.ts';
import type { Checkpoint } from '../core/log/checkpoint.ts';
import type { Cursor } from '../core/log/cursor.ts';
import type { Told } from '../core/log/draft.ts';
import { OPERATIONS, type Operation } from '../core/log/event.ts';
import { checkedStream } from '../core/log/invalid.ts';
import type { EventBatch } from '../core/log/reading.ts';
import { DEDUPE_EVENTS, MAX_APPEND_EVENTS } from '../core/log/rules.ts';
import { Appender } from '../usecases/log/appender.ts';
import { getCheckpoint, listCheckpoints, saveCheckpoint } from '../usecases/log/checkpoints.ts';
import { type Durability, type Emitted, Emitter } from '../usecases/log/emitter.ts';
import { StreamNews } from '../usecases/log/news.ts';
import { type ReplayOptions, replay } from '../usecases/log/replay.ts';

export interface ChangeLogConfig {
  /** Where the streams lie: the path of an SQLite file, which is made where it is missing. Other processes of the machine may use it, too. */
  readonly database: string;
  /** What `emit` writes to, and everything else reads unless it names another: a name or a URL. */
  readonly stream: string;
  /** When `emit` resolves: `stored`, when the event is durable (default); `buffered`, when it is in memory. */
  readonly durability?: Durability;
  /** How many events are sent together at most, 1 to 500. @default 100 */
  readonly batchSize?: number;
  /** How long an event waits for others at most, ms. @default 1000 where `buffered`; where `stored`, until those before it are stored */
  readonly batchTimeout?: number;
  /** Only changes of these are emitted. */
  readonly collections?: readonly string[];
  readonly operations?: readonly Operation[];
}

/** What an application may tell of a change, beside what `emit` names first. */
export type Change = Partial<Pick<Told, 'before' | 'after' | 'correlationId' | 'id' | 'timestamp'>>;

export interface ChangeLog {
  /**
   * @param change `id`: give one of your own to emit the same change again without storing it twice
   * @throws TidemarkError INVALID_INPUT that names the field; otherwise as the store: with `outcomeUnknown` the event may be there
   */
  emit(operation: Operation, collection: string, documentId: string, change?: Change): Promise<Emitted>;
  /** Stores what waits. @throws TidemarkError when some of it could not be stored */
  flush(): Promise<void>;
  /** Stores what waits, ends readings that follow, and closes the file. @throws as `flush`: closing again tries again */
  close(): Promise<void>;
  /** The events of a stream, batch by batch. @throws TidemarkError as `replay` of lib/usecases/log */
  replay(options?: Omit<ReplayOptions, 'stream'> & { readonly stream?: string }): AsyncGenerator<EventBatch, void, undefined>;
  /** Call it once a batch is dealt with. @throws TidemarkError CHECKPOINT_BEHIND for a place before the saved one, unless forced */
  saveCheckpoint(subscriberId: string, cursor: Cursor, options?: { readonly force?: boolean }): Promise<Checkpoint>;
  /** @returns null when there is none */
  getCheckpoint(subscriberId: string): Promise<Checkpoint | null>;
  /** Of all subscribers of the stream, by their ids. */
  listCheckpoints(): Promise<readonly Checkpoint[]>;
}

const BATCH_SIZE = 100;
const BATCH_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 3_600_000;

const CONFIG = strict({
  database: z.string().min(1),
  stream: z.string(),
  durability: z.enum(['stored', 'buffered']).default('stored'),
  batchSize: z.int().min(1).max(MAX_APPEND_EVENTS).default(BATCH_SIZE),
  batchTimeout: z.int().min(0).max(MAX_TIMEOUT_MS).optional(),
  collections: z.array(z.string()).optional(),
  operations: z.array(z.enum(OPERATIONS)).optional(),
});

/** @throws TidemarkError INVALID_CONFIG that names the field, or when the file cannot be opened; INVALID_INPUT for what can be no stream's name */
export function createChangeLog(config: ChangeLogConfig): ChangeLog {
  const { database: path, stream, durability, batchSize, batchTimeout, collections, operations } = checked(config);
  checkedStream(stream);
  const database = openDatabase(path, { shared: true });
  const clock = new SystemClock();
  const ids = new SystemIds();
  const news = new StreamNews(clock);
  const store = new SqliteLogStore(database);
  const marks = { checkpoints: new SqliteCheckpoints(database), clock };
  const emitter = new Emitter(
    { appender: new Appender({ store, clock, ids, news, window: DEDUPE_EVENTS }), clock, ids },
    {
      stream,
      durability,
      batchSize,
      batchTimeout: batchTimeout ?? (durability === 'stored' ? 0 : BATCH_TIMEOUT_MS),
      ...(collections ? { collections } : {}),
      ...(operations ? { operations } : {}),
    },
  );
  const closing = new AbortController();
  return {
    emit: (operation, collection, documentId, change = {}) => emitter.emit({ ...change, operation, collection, documentId }),
    flush: () => emitter.flush(),
    close: async () => {
      await emitter.close();
      closing.abort();
      database.close();
    },
    replay: (options = {}) => {
      const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
      return replay({ chunks: store, clock, news }, { stream, ...options, signal });
    },
    saveCheckpoint: (subscriberId, cursor, options) => saveCheckpoint(marks, stream, subscriberId, cursor, options),
    getCheckpoint: (subscriberId) => getCheckpoint(marks, stream, subscriberId),
    listCheckpoints: () => listCheckpoints(marks, stream),
  };
}

function checked(config: ChangeLogConfig): z.infer<typeof CONFIG> {
  const result = check(CONFIG, config, 'config');
  if (result.ok) return result.value;
  throw new TidemarkError('INVALID_CONFIG', result.problems.map(sentence).join(' '), { fields: result.problems.map(({ field }) => field) });
}
