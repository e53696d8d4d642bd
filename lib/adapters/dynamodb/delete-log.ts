import type { DeleteLog, DeleteWindow } from '../../ports/replication-state.ts';
import { deletesPartition, type ItemKey, itemKey } from './keys.ts';
import { PARTITION, SORT, TTL } from './schema.ts';
import { bytesOf, ConditionFailed, numberOf, type Table } from './table.ts';

const MINUTE_MS = 60_000;
/** Far beyond the breaker's window of ten minutes. */
const KEPT_SEC = 24 * 3600;
/** Both sort after every minute, so that one query reads all. */
const ACCEPTANCE = Buffer.from([0xfe]);
const PAUSE = Buffer.from([0xff]);

/**
 * One item per route and minute with deletes, one per route whose deletes are paused, one per route where a person let any number run. A request that is sent again because its
 * answer was lost counts twice: the breaker trips early rather than late.
 */
export class DynamoDeleteLog implements DeleteLog {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async add(route: string, at: number, count: number): Promise<void> {
    await this.#table.update({
      Key: { ...minuteKey(route, at) },
      UpdateExpression: 'ADD #deletes :count SET #ttl = :ttl',
      ExpressionAttributeNames: { '#deletes': 'deletes', '#ttl': TTL },
      ExpressionAttributeValues: { ':count': count, ':ttl': Math.ceil(at / 1000) + KEPT_SEC },
      ReturnValues: 'NONE',
    });
  }

  /** The whole minute of `since` counts, so the breaker trips early rather than late. */
  async read(route: string, since: number): Promise<DeleteWindow> {
    const query = {
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk AND #sk >= :since',
      ExpressionAttributeNames: { '#pk': PARTITION, '#sk': SORT },
      ExpressionAttributeValues: { ':pk': deletesPartition(route), ':since': minuteBytes(since) },
    };
    let deletes = 0;
    let pausedAt: number | null = null;
    let acceptedUntil: number | null = null;
    for await (const item of this.#table.query(query)) {
      const sort = bytesOf(item, SORT);
      if (Buffer.compare(sort, PAUSE) === 0) pausedAt = numberOf(item, 'pausedAt');
      else if (Buffer.compare(sort, ACCEPTANCE) === 0) acceptedUntil = numberOf(item, 'until');
      else deletes += numberOf(item, 'deletes');
    }
    return { deletes, pausedAt, acceptedUntil };
  }

  async pause(route: string, at: number): Promise<boolean> {
    try {
      await this.#table.update({
        Key: { ...pauseKey(route) },
        UpdateExpression: 'SET #pausedAt = :at',
        ConditionExpression: 'attribute_not_exists(#pausedAt)',
        ExpressionAttributeNames: { '#pausedAt': 'pausedAt' },
        ExpressionAttributeValues: { ':at': at },
        ReturnValues: 'NONE',
      });
      return true;
    } catch (error) {
      // Sent twice, it may be our own that is there: told twice rather than not at all.
      if (error instanceof ConditionFailed) return error.retried;
      throw error;
    }
  }

  /** Failing between the two leaves it paused. */
  async resume(route: string, acceptedUntil: number): Promise<void> {
    await this.#table.update({
      Key: { ...itemKey(deletesPartition(route), ACCEPTANCE) },
      UpdateExpression: 'SET #until = :until, #ttl = :ttl',
      ExpressionAttributeNames: { '#until': 'until', '#ttl': TTL },
      ExpressionAttributeValues: { ':until': acceptedUntil, ':ttl': Math.ceil(acceptedUntil / 1000) + KEPT_SEC },
      ReturnValues: 'NONE',
    });
    await this.#table.delete(pauseKey(route));
  }
}

function pauseKey(route: string): ItemKey {
  return itemKey(deletesPartition(route), PAUSE);
}

function minuteKey(route: string, at: number): ItemKey {
  return itemKey(deletesPartition(route), minuteBytes(at));
}

/** Big-endian, so that bytes sort as the minutes do. */
function minuteBytes(at: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(Math.max(0, Math.floor(at / MINUTE_MS)), 0, 6);
  return bytes;
}
