import { TidemarkError } from '../../core/errors.ts';
import { compareUtf8 } from '../../core/objects/byte-order.ts';
import type { DeliveryStatus } from '../../core/objects/delivery.ts';
import { MAX_KEY_BYTES } from '../../core/objects/key.ts';
import { EVERY_KEY, keyPattern } from '../../core/objects/key-pattern.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { DeliveryPage, DeliveryQuery } from '../../ports/replication-state.ts';
import { decodeCursor, encodeCursor } from '../records/delivery-cursor.ts';
import { placeOf, viewsOf } from '../records/delivery-views.ts';
import { PageRoom } from '../records/page-room.ts';
import { allRecords, type KeyRange, listedRecords } from './record-scan.ts';
import type { Table } from './table.ts';
import type { RouteTotals } from './totals.ts';

/** Records looked at for one page, so that a rare match is answered in time, as a part. */
const RECORDS_PER_PAGE = 5_000;

/** Lists deliveries in the order of route, key, age. What waits or failed is found by its index, however many records there are. */
export class DeliveryScan {
  readonly #table: Table;
  readonly #totals: RouteTotals;

  constructor(table: Table, totals: RouteTotals) {
    this.#table = table;
    this.#totals = totals;
  }

  /** @throws TidemarkError INVALID_INPUT for a limit below 1 or a cursor that is none. An offset counts from the first page on: the cursor carries it. */
  async page(query: DeliveryQuery): Promise<DeliveryPage> {
    if (query.limit < 1) throw new TidemarkError('INVALID_INPUT', 'limit: at least 1', { limit: query.limit });
    const pattern = query.keyLike === undefined ? EVERY_KEY : keyPattern(query.keyLike);
    const from = query.cursor === undefined ? null : decodeCursor(query.cursor);
    // No key is as long, and no request may ask for it.
    if (Buffer.byteLength(pattern.prefix) > MAX_KEY_BYTES) return { events: [] };
    const room = new PageRoom(query.limit);
    let skip = from?.skip ?? query.offset ?? 0;
    let budget = RECORDS_PER_PAGE;

    for (const route of (await this.#totals.read()).keys()) {
      const order = from ? compareUtf8(route, from.route) : 1;
      if (order < 0) continue;
      const resumed = order === 0 ? from : null;
      const range = { prefix: pattern.prefix, ...(resumed ? { from: { key: resumed.key, inclusive: resumed.last !== undefined } } : {}) };
      for await (const record of this.#records(query.status, route, range)) {
        const { key } = record;
        for (const view of pattern.matches(key) ? viewsOf(record, query, resumed) : []) {
          if (skip > 0) skip--;
          else if (room.add(view)) return { events: room.views, cursor: encodeCursor({ route, key, last: placeOf(view), skip: 0 }) };
        }
        budget--;
        if (budget === 0) return { events: room.views, cursor: encodeCursor({ route, key, skip }) };
      }
    }
    return { events: room.views };
  }

  #records(status: DeliveryStatus | undefined, route: string, range: KeyRange): AsyncGenerator<ReplicationRecord> {
    if (status === 'pending' || status === 'in_progress') return listedRecords(this.#table, 'open', route, range);
    return status === 'error' ? listedRecords(this.#table, 'error', route, range) : allRecords(this.#table, route, range);
  }
}
