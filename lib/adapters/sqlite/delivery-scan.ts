import type { StatementSync } from 'node:sqlite';
import { TidemarkError } from '../../core/errors.ts';
import type { DeliveryStatus } from '../../core/objects/delivery.ts';
import { EVERY_KEY, keyPattern } from '../../core/objects/key-pattern.ts';
import type { DeliveryPage, DeliveryQuery } from '../../ports/replication-state.ts';
import { type DeliveryCursor, decodeCursor, encodeCursor } from '../records/delivery-cursor.ts';
import { placeOf, viewsOf } from '../records/delivery-views.ts';
import { PageRoom } from '../records/page-room.ts';
import type { SqliteDatabase } from './database.ts';
import { parseRecord } from './replication-state.ts';
import { routesOf } from './routes-of.ts';
import { keyOf } from './row-key.ts';

/** Records looked at for one page, so that a rare match keeps the event loop no longer than a common one. */
const RECORDS_PER_PAGE = 5_000;
/** UTF-8 holds no such byte: past every key that begins with what stands before it. */
const PAST = Buffer.from([0xff]);
const NEXT = Buffer.from([0x00]);

/** Lists deliveries in the order of route, key, age. */
export class DeliveryScan {
  readonly #routes: () => readonly string[];
  readonly #all: StatementSync;
  readonly #open: StatementSync;
  readonly #error: StatementSync;

  constructor(database: SqliteDatabase) {
    const range = (source: string, condition: string): StatementSync =>
      database.prepare(`SELECT key, body FROM records ${source} WHERE route = ? AND key >= ? AND key < ? ${condition} ORDER BY key`);
    this.#routes = routesOf(database);
    this.#all = range('', '');
    this.#open = range('INDEXED BY records_open_key', 'AND is_open = 1');
    this.#error = range('INDEXED BY records_error_key', 'AND has_error = 1');
  }

  /** @throws TidemarkError INVALID_INPUT for a limit below 1 or a cursor that is none. An offset counts from the first page on: the cursor carries it. */
  page(query: DeliveryQuery): DeliveryPage {
    if (query.limit < 1) throw new TidemarkError('INVALID_INPUT', 'limit: at least 1', { limit: query.limit });
    const pattern = query.keyLike === undefined ? EVERY_KEY : keyPattern(query.keyLike);
    const prefix = Buffer.from(pattern.prefix, 'utf8');
    const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
    const statement = this.#statementFor(query.status);
    const room = new PageRoom(query.limit);
    let skip = from?.skip ?? query.offset ?? 0;
    let budget = RECORDS_PER_PAGE;

    for (const route of this.#routes()) {
      const order = from ? Buffer.compare(Buffer.from(route), Buffer.from(from.route)) : 1;
      if (order < 0) continue;
      const resumed = order === 0 ? from : null;
      for (const row of statement.iterate(route, lowerBound(prefix, resumed), Buffer.concat([prefix, PAST]))) {
        const key = keyOf(row.key);
        for (const view of pattern.matches(key) ? viewsOf(parseRecord(row.body), query, resumed) : []) {
          if (skip > 0) skip--;
          else if (room.add(view)) return { events: room.views, cursor: encodeCursor({ route, key, last: placeOf(view), skip: 0 }) };
        }
        budget--;
        if (budget === 0) return { events: room.views, cursor: encodeCursor({ route, key, skip }) };
      }
    }
    return { events: room.views };
  }

  #statementFor(status: DeliveryStatus | undefined): StatementSync {
    if (status === 'pending' || status === 'in_progress') return this.#open;
    return status === 'error' ? this.#error : this.#all;
  }
}

function lowerBound(prefix: Buffer, resumed: DeliveryCursor | null): Buffer {
  if (!resumed) return prefix;
  const key = Buffer.from(resumed.key, 'utf8');
  const next = resumed.last === undefined ? Buffer.concat([key, NEXT]) : key;
  return Buffer.compare(next, prefix) > 0 ? next : prefix;
}
