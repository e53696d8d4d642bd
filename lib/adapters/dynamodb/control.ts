import type { ControlRecord } from '../../core/gateway/control.ts';
import type { ObserverState } from '../../core/gateway/observer.ts';
import type { Watermark } from '../../core/gateway/watermark.ts';
import type { ControlStore } from '../../ports/control.ts';
import type { DynamoStateOptions } from './index.ts';
import { CONTROL_PARTITION, controlKey, type ItemKey } from './keys.ts';
import { BODY, PARTITION, SORT, VERSION } from './schema.ts';
import { ConditionFailed, type Item, Table } from './table.ts';

/**
 * The control record in a table of its own, in a region of its own: `client` is one of that region. Of the table it needs the key alone
 * (schema.ts). A few items of a kilobyte: a reading costs one read unit, a round of an observer two and a write.
 */
export class DynamoControl implements ControlStore {
  readonly #table: Table;

  constructor({ client, tableName, clock }: DynamoStateOptions) {
    this.#table = new Table(client, tableName, clock);
  }

  async read(): Promise<ControlRecord | null> {
    return parsed<ControlRecord>(await this.#table.get(controlKey('c')));
  }

  swap(next: ControlRecord, expected: number): Promise<boolean> {
    return this.#swap(controlKey('c'), next, expected);
  }

  async observer(name: string): Promise<ObserverState | null> {
    return parsed<ObserverState>(await this.#table.get(controlKey('o', name)));
  }

  observers(): Promise<readonly ObserverState[]> {
    return this.#all<ObserverState>('o');
  }

  putObserver(next: ObserverState, expected: number): Promise<boolean> {
    return this.#swap(controlKey('o', next.observer), next, expected);
  }

  watermarks(): Promise<readonly Watermark[]> {
    return this.#all<Watermark>('w');
  }

  async putWatermark(watermark: Watermark): Promise<void> {
    try {
      await this.#put(controlKey('w', watermark.route), watermark.at, JSON.stringify(watermark), 'attribute_not_exists(#v) OR #v < :version');
    } catch (error) {
      // A newer one stands there.
      if (!(error instanceof ConditionFailed)) throw error;
    }
  }

  async #all<T>(kind: 'o' | 'w'): Promise<readonly T[]> {
    const found: T[] = [];
    const query = {
      ConsistentRead: true,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :kind)',
      ExpressionAttributeNames: { '#pk': PARTITION, '#sk': SORT },
      ExpressionAttributeValues: { ':pk': CONTROL_PARTITION, ':kind': Buffer.from(`${kind}#`) },
    };
    for await (const item of this.#table.query(query)) {
      const one = parsed<T>(item);
      if (one) found.push(one);
    }
    return found;
  }

  async #swap(key: ItemKey, item: { readonly version: number }, expected: number): Promise<boolean> {
    const body = JSON.stringify(item);
    try {
      if (expected === 0) await this.#put(key, item.version, body, 'attribute_not_exists(#v)');
      else await this.#put(key, item.version, body, '#v = :expected', { ':expected': expected });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // The client tries again when an answer is lost: what stands there then may be this very write.
      return error.retried && error.body === body;
    }
  }

  async #put(key: ItemKey, version: number, body: string, condition: string, values: Item = {}): Promise<void> {
    await this.#table.update({
      Key: { ...key },
      UpdateExpression: 'SET #v = :version, #b = :body',
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#v': VERSION, '#b': BODY },
      ExpressionAttributeValues: { ':version': version, ':body': body, ...values },
      ReturnValues: 'NONE',
    });
  }
}

/** What this adapter wrote itself. */
function parsed<T>(item: Item | undefined): T | null {
  return item === undefined ? null : JSON.parse(String(item[BODY]));
}
