import { type AuditStore, MAX_TOGETHER, type StoredEntry } from '../../ports/audit.ts';
import { itemKey, numberIn, numberSort } from './keys.ts';
import { AUDIT_PARTITION, BODY, PARTITION, SORT } from './schema.ts';
import { ConditionFailed, type Item, type Table } from './table.ts';

/**
 * One item for what is put together, under the sequence of its first entry. Whoever appends has seen the end, which is the last entry of an
 * item: the next item begins right behind it, whoever writes it, so that one condition on its key swaps the end of the chain.
 */
export class DynamoAuditStore implements AuditStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async tail(): Promise<StoredEntry | null> {
    const newest = this.#table.query(
      {
        KeyConditionExpression: '#p = :p',
        ExpressionAttributeNames: { '#p': PARTITION },
        ExpressionAttributeValues: { ':p': AUDIT_PARTITION },
        ScanIndexForward: false,
        ConsistentRead: true,
      },
      1,
    );
    for await (const item of newest) return entriesIn(item).at(-1) ?? null;
    return null;
  }

  async put(entries: readonly StoredEntry[]): Promise<boolean> {
    const [first] = entries;
    if (!first) throw new TypeError('there is nothing to put');
    const body = JSON.stringify(entries.map(({ hash, text }) => [hash, text]));
    try {
      await this.#table.update({
        Key: { ...itemKey(AUDIT_PARTITION, numberSort(first.sequence)) },
        UpdateExpression: 'SET #b = :b',
        ConditionExpression: 'attribute_not_exists(#p)',
        ExpressionAttributeNames: { '#b': BODY, '#p': PARTITION },
        ExpressionAttributeValues: { ':b': body },
        ReturnValues: 'NONE',
      });
      return true;
    } catch (error) {
      // Ours, when a former answer was lost.
      if (error instanceof ConditionFailed) return error.body === body;
      throw error;
    }
  }

  async page(after: number, limit: number): Promise<readonly StoredEntry[]> {
    const found: StoredEntry[] = [];
    // The item that holds the first of them may begin before it; what was put in before all has a key that is no place.
    const from = after < 0 ? null : numberSort(Math.max(0, after - MAX_TOGETHER + 1));
    const items = this.#table.query(
      {
        KeyConditionExpression: from ? '#p = :p AND #s > :from' : '#p = :p',
        ExpressionAttributeNames: { '#p': PARTITION, ...(from && { '#s': SORT }) },
        ExpressionAttributeValues: { ':p': AUDIT_PARTITION, ...(from && { ':from': from }) },
        ConsistentRead: true,
      },
      Math.min(limit, FIRST_PAGE),
    );
    for await (const item of items) {
      found.push(...entriesIn(item).filter(({ sequence }) => sequence > after));
      if (found.length >= limit) return found.slice(0, limit);
    }
    return found;
  }
}

const FIRST_PAGE = 100;

/** Whatever stands there: what is no entry is shown as it is, for the check of the chain to name it. */
function entriesIn(item: Item): readonly StoredEntry[] {
  const first = numberIn(item[SORT]);
  const text = String(item[BODY]);
  return pairsIn(text).map(([hash, entry], index) => ({ sequence: first + index, hash, text: entry }));
}

function pairsIn(text: string): readonly (readonly [hash: string, text: string])[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.length > 0)
      return list.map((pair: unknown) => (Array.isArray(pair) ? [String(pair[0]), String(pair[1])] : ['', String(pair)]));
  } catch {
    // It was changed.
  }
  return [['', text]];
}
