import type { StatementSync } from 'node:sqlite';
import type { Chunk } from '../../core/log/chunk.ts';
import { type LogStore, MAX_SEQUENCE } from '../../ports/log-store.ts';
import type { SqliteDatabase } from './database.ts';

/** A reading ends behind the chunk that takes it over so many characters. */
const PAGE_CHARACTERS = 1_000_000;

/**
 * One row a chunk. A chunk that is committed and not yet on the disk is hidden from this process's readers: after a power cut its place could
 * be another's, whom a cursor behind it would skip.
 */
export class SqliteLogStore implements LogStore {
  readonly #database: SqliteDatabase;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  readonly #at: StatementSync;
  readonly #nextStream: StatementSync;
  /** Where the first chunk of a stream begins that may not be on the disk yet. */
  readonly #unsynced = new Map<string, number>();

  constructor(database: SqliteDatabase) {
    this.#database = database;
    this.#insert = database.prepare(
      'INSERT INTO log_chunks (stream, first, count, at, batch, events) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (stream, first) DO NOTHING',
    );
    this.#read = database.prepare(
      'SELECT first, count, at, batch, events FROM log_chunks WHERE stream = ? AND first >= ? AND first < ? ORDER BY first LIMIT ?',
    );
    this.#at = database.prepare('SELECT first, count, at, batch, events FROM log_chunks WHERE stream = ? AND first <= ? ORDER BY first DESC LIMIT 1');
    this.#nextStream = database.prepare('SELECT MIN(stream) AS stream FROM log_chunks WHERE stream > ?');
  }

  async put({ stream, first, count, at, batch, events }: Chunk): Promise<boolean> {
    let hidden = false;
    try {
      return await this.#database.write(() => {
        const isPut = Number(this.#insert.run(stream, first, count, at, batch, events).changes) === 1;
        hidden = isPut && !this.#unsynced.has(stream);
        if (hidden) this.#unsynced.set(stream, first);
        return isPut;
      });
    } finally {
      if (hidden) this.#unsynced.delete(stream);
    }
  }

  async read(stream: string, from: number, limit: number): Promise<readonly Chunk[]> {
    const chunks: Chunk[] = [];
    let characters = 0;
    for (const row of this.#read.iterate(stream, from, this.#unsynced.get(stream) ?? MAX_SEQUENCE, limit)) {
      const chunk = chunkOf(stream, row);
      chunks.push(chunk);
      characters += chunk.events.length;
      if (characters >= PAGE_CHARACTERS) break;
    }
    return chunks;
  }

  async at(stream: string, sequence: number): Promise<Chunk | null> {
    const row = this.#at.get(stream, Math.min(sequence, (this.#unsynced.get(stream) ?? MAX_SEQUENCE) - 1));
    return row === undefined ? null : chunkOf(stream, row);
  }

  async streams(after: string, limit: number): Promise<readonly string[]> {
    const names: string[] = [];
    for (let name: string | null = after; names.length < limit; names.push(name)) {
      const found: unknown = this.#nextStream.get(name)?.stream;
      if (typeof found !== 'string') break;
      name = found;
    }
    return names;
  }
}

function chunkOf(stream: string, row: Readonly<Record<string, unknown>>): Chunk {
  const { first, count, at, batch, events } = row;
  return { stream, first: Number(first), count: Number(count), at: Number(at), batch: String(batch), events: String(events) };
}
