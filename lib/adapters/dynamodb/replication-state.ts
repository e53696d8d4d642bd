import { TidemarkError } from '../../core/errors.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import { totalsDelta } from '../records/record-columns.ts';
import { recordKey } from './keys.ts';
import { samePacked } from './packed.ts';
import { type Attributes, attributesOf, recordOf } from './record-item.ts';
import { BODY, VERSION } from './schema.ts';
import { ConditionFailed, type Table } from './table.ts';
import type { RouteTotals } from './totals.ts';

const MAX_KEYS = 100;

/** One item a record; a write is one request, and one write unit as long as the record is small and asks for no attention. */
export class DynamoReplicationState implements ReplicationState {
  readonly #table: Table;
  readonly #totals: RouteTotals;

  constructor(table: Table, totals: RouteTotals) {
    this.#table = table;
    this.#totals = totals;
  }

  async get(route: string, key: string): Promise<ReplicationRecord | null> {
    const item = await this.#table.get(recordKey(route, key));
    return item ? recordOf(item) : null;
  }

  async getMany(route: string, keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>> {
    if (keys.length > MAX_KEYS) throw new TidemarkError('INVALID_INPUT', `keys: at most ${MAX_KEYS} at once`, { keys: keys.length });
    const items = await this.#table.getAll([...new Set(keys)].map((key) => recordKey(route, key)));
    return new Map(items.map(recordOf).map((record) => [record.key, record]));
  }

  /**
   * @throws TidemarkError THROTTLED or UNAVAILABLE; with `outcomeUnknown` the write may have been carried out
   */
  async put(record: ReplicationRecord, expected: number): Promise<boolean> {
    const { route, key, version } = record;
    if (version !== expected + 1) {
      const fields = { route, key, version, expected };
      throw new TidemarkError('INTERNAL', 'a record is written with the version after the one it replaces', fields);
    }
    await this.#totals.ensure(route);
    const attributes = attributesOf(record);
    try {
      const old = await this.#table.update({ Key: { ...recordKey(route, key) }, ...updateOf(attributes, expected) });
      this.#totals.gather(route, totalsDelta(expected > 0 && old ? recordOf(old) : null, record));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // The client tries again when an answer is lost: what stands there then may be this very write.
      return error.retried && samePacked(error.body, attributes[BODY]);
    }
  }
}

/** Timeline: version n is read → n + 1 is written, only while n is still stored; version 0 stands for no item. */
function updateOf(attributes: Attributes, expected: number) {
  const names = Object.keys(attributes);
  const kept = names.filter((name) => attributes[name] !== undefined);
  const removed = names.filter((name) => attributes[name] === undefined);
  const set = `SET ${kept.map((name) => `#${name} = :${name}`).join(', ')}`;
  const values = Object.fromEntries(kept.map((name) => [`:${name}`, attributes[name]]));
  return {
    UpdateExpression: removed.length === 0 ? set : `${set} REMOVE ${removed.map((name) => `#${name}`).join(', ')}`,
    ConditionExpression: expected === 0 ? `attribute_not_exists(#${VERSION})` : `#${VERSION} = :expected`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: expected === 0 ? values : { ...values, ':expected': expected },
  };
}
