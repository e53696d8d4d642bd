import type { Chunk } from '../../core/log/chunk.ts';
import type { LogStore } from '../../ports/log-store.ts';
import { itemKey, nameKey, numberIn, numberSort, STREAMS_PARTITION, sortText, streamPartition } from './keys.ts';
import { packed, unpacked } from './packed.ts';
import { BODY, PARTITION, SORT } from './schema.ts';
import { ConditionFailed, type Item, numberOf, type Table } from './table.ts';

const COUNT = 'n';
const AT = 'at';
const BATCH = 'id';

/** What a chunk of one kilobyte leaves for its events, in bytes: the keys and the other attributes take some. */
const ROOM = 700;

/** One item a chunk, under the sequence of its first event; its events deflated where that saves a write unit. */
export class DynamoLogStore implements LogStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(chunk: Chunk): Promise<boolean> {
    const { stream, first, count, at, batch, events } = chunk;
    // Before its first chunk: a stream that is there is surely named.
    if (first === 1) await this.#name(stream);
    try {
      await this.#table.update({
        Key: { ...itemKey(streamPartition(stream), numberSort(first)) },
        UpdateExpression: 'SET #n = :n, #at = :at, #id = :id, #b = :b',
        ConditionExpression: 'attribute_not_exists(#p)',
        ExpressionAttributeNames: { '#n': COUNT, '#at': AT, '#id': BATCH, '#b': BODY, '#p': PARTITION },
        ExpressionAttributeValues: { ':n': count, ':at': at, ':id': batch, ':b': packed(events, ROOM) },
        ReturnValues: 'NONE',
        ReturnValuesOnConditionCheckFailure: 'NONE',
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  }

  async read(stream: string, from: number, limit: number): Promise<readonly Chunk[]> {
    const chunks: Chunk[] = [];
    for await (const item of this.#table.query(placed(stream, '>=', from), limit)) {
      chunks.push(chunkOf(stream, item));
      if (chunks.length === limit) break;
    }
    return chunks;
  }

  async at(stream: string, sequence: number): Promise<Chunk | null> {
    for await (const item of this.#table.query({ ...placed(stream, '<=', sequence), ScanIndexForward: false }, 1)) return chunkOf(stream, item);
    return null;
  }

  async streams(after: string, limit: number): Promise<readonly string[]> {
    const names: string[] = [];
    const query = {
      KeyConditionExpression: '#p = :p AND #s > :after',
      ExpressionAttributeNames: { '#p': PARTITION, '#s': SORT },
      ExpressionAttributeValues: { ':p': STREAMS_PARTITION, ':after': after === '' ? Buffer.of(0) : Buffer.from(after) },
      ConsistentRead: true,
    };
    for await (const { [SORT]: name } of this.#table.query(query, limit)) {
      if (name instanceof Uint8Array) names.push(sortText(name));
      if (names.length === limit) break;
    }
    return names;
  }

  async #name(stream: string): Promise<void> {
    await this.#table.update({
      Key: { ...nameKey(STREAMS_PARTITION, stream) },
      UpdateExpression: 'SET #at = :at',
      ExpressionAttributeNames: { '#at': AT },
      ExpressionAttributeValues: { ':at': 0 },
      ReturnValues: 'NONE',
    });
  }
}

function placed(stream: string, relation: '>=' | '<=', sequence: number) {
  return {
    KeyConditionExpression: `#p = :p AND #s ${relation} :s`,
    ExpressionAttributeNames: { '#p': PARTITION, '#s': SORT },
    ExpressionAttributeValues: { ':p': streamPartition(stream), ':s': numberSort(sequence) },
    ConsistentRead: true,
  };
}

function chunkOf(stream: string, item: Item): Chunk {
  const { [SORT]: sort, [BATCH]: batch, [BODY]: body } = item;
  return { stream, first: numberIn(sort), count: numberOf(item, COUNT), at: numberOf(item, AT), batch: String(batch), events: unpacked(body) };
}
