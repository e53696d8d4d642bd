import type { StatementSync } from 'node:sqlite';
import type { RecordPages, RecordQuery } from '../../ports/record-pages.ts';
import type { SqliteDatabase } from './database.ts';
import { parseRecord } from './replication-state.ts';

/** UTF-8 holds no such byte: past every key that begins with what stands before it. */
const PAST = Buffer.from([0xff]);
const NEXT = Buffer.from([0x00]);

export class SqliteRecordPages implements RecordPages {
  readonly #range: StatementSync;

  constructor(database: SqliteDatabase) {
    this.#range = database.prepare('SELECT body FROM records WHERE route = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?');
  }

  async page({ route, prefix, after, limit }: RecordQuery): ReturnType<RecordPages['page']> {
    const below = Buffer.from(prefix, 'utf8');
    const next = after === undefined ? below : Buffer.concat([Buffer.from(after, 'utf8'), NEXT]);
    const from = Buffer.compare(next, below) > 0 ? next : below;
    const records = this.#range.all(route, from, Buffer.concat([below, PAST]), limit).map(({ body }) => parseRecord(body));
    const last = records.at(-1);
    return { records, ...(records.length === limit && last ? { next: last.key } : {}) };
  }
}
