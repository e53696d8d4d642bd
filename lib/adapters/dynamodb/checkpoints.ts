import type { Checkpoint } from '../../core/log/checkpoint.ts';
import type { CheckpointStore } from '../../ports/log-store.ts';
import { checkpointsPartition, nameKey } from './keys.ts';
import { BODY, PARTITION, SORT, VERSION } from './schema.ts';
import { ConditionFailed, type Table } from './table.ts';

/** One item a subscriber of a stream. */
export class DynamoCheckpoints implements CheckpointStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(stream: string, subscriberId: string): Promise<Checkpoint | null> {
    const item = await this.#table.get(nameKey(checkpointsPartition(stream), subscriberId));
    return item === undefined ? null : JSON.parse(String(item[BODY]));
  }

  async put(next: Checkpoint): Promise<boolean> {
    const { subscriberId, version, cursor } = next;
    const body = JSON.stringify(next);
    try {
      await this.#table.update({
        Key: { ...nameKey(checkpointsPartition(cursor.stream), subscriberId) },
        UpdateExpression: 'SET #v = :version, #b = :body',
        ConditionExpression: version === 1 ? 'attribute_not_exists(#v)' : '#v = :expected',
        ExpressionAttributeNames: { '#v': VERSION, '#b': BODY },
        ExpressionAttributeValues: { ':version': version, ':body': body, ...(version === 1 ? {} : { ':expected': version - 1 }) },
        ReturnValues: 'NONE',
      });
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      // The client tries again when an answer is lost: what stands there then may be this very write.
      return error.retried && error.body === body;
    }
  }

  async list(stream: string, after: string, limit: number): Promise<readonly Checkpoint[]> {
    const found: Checkpoint[] = [];
    const query = {
      KeyConditionExpression: '#p = :p AND #s > :after',
      ExpressionAttributeNames: { '#p': PARTITION, '#s': SORT },
      ExpressionAttributeValues: { ':p': checkpointsPartition(stream), ':after': after === '' ? Buffer.of(0) : Buffer.from(after) },
      ConsistentRead: true,
    };
    for await (const item of this.#table.query(query, limit)) {
      found.push(JSON.parse(String(item[BODY])));
      if (found.length === limit) break;
    }
    return found;
  }
}
