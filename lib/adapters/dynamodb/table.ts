import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  type BatchGetCommandOutput,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { TidemarkError } from '../../core/errors.ts';
import type { Clock } from '../../ports/system.ts';
import { asAwsFailure, attemptsOf } from '../aws/failures.ts';
import type { ItemKey } from './keys.ts';
import { BODY } from './schema.ts';

export type Item = Readonly<Record<string, unknown>>;

/** A condition did not hold. */
export class ConditionFailed extends Error {
  /** What is stored instead; undefined where nothing is. */
  readonly body: string | Uint8Array | undefined;
  /** The request was sent more than once: what is stored may be its own, written when the first answer was lost. */
  readonly retried: boolean;

  constructor(body: string | Uint8Array | undefined, retried: boolean) {
    super('the condition of a write did not hold');
    this.body = body;
    this.retried = retried;
  }
}

const BATCH_KEYS = 100;
const BATCH_TRIES = 8;
const BATCH_PAUSE_MS = 50;

type Of<T> = Omit<T, 'TableName'>;

/** The one table. Every method throws TidemarkError THROTTLED, UNAVAILABLE, ACCESS_DENIED or REJECTED, with `outcomeUnknown` where an answer was lost. */
export class Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;
  readonly #clock: Clock;

  constructor(client: DynamoDBDocumentClient, name: string, clock: Clock) {
    this.#client = client;
    this.#name = name;
    this.#clock = clock;
  }

  /** Strongly consistent. */
  async get(key: ItemKey): Promise<Item | undefined> {
    const { Item } = await this.#asked(
      'GetItem',
      this.#client.send(new GetCommand({ TableName: this.#name, Key: { ...key }, ConsistentRead: true })),
    );
    return Item;
  }

  /** Strongly consistent; those that are absent are left out, the order is any. The keys differ. */
  async getAll(keys: readonly ItemKey[]): Promise<readonly Item[]> {
    const found: Item[] = [];
    for (let start = 0; start < keys.length; start += BATCH_KEYS) {
      let wanted: BatchGetCommandInput['RequestItems'] = {
        [this.#name]: { Keys: keys.slice(start, start + BATCH_KEYS).map((key) => ({ ...key })), ConsistentRead: true },
      };
      for (let tries = 1; wanted && Object.keys(wanted).length > 0; tries++) {
        if (tries > BATCH_TRIES)
          throw new TidemarkError('THROTTLED', `BatchGetItem on table ${this.#name}: some keys were not read, again and again`);
        if (tries > 1) await this.#clock.sleep(BATCH_PAUSE_MS * 2 ** (tries - 2));
        const answer: BatchGetCommandOutput = await this.#asked('BatchGetItem', this.#client.send(new BatchGetCommand({ RequestItems: wanted })));
        found.push(...(answer.Responses?.[this.#name] ?? []));
        wanted = answer.UnprocessedKeys;
      }
    }
    return found;
  }

  /**
   * @returns what was there before
   * @throws ConditionFailed
   */
  async update(input: Of<UpdateCommandInput>): Promise<Item | undefined> {
    try {
      const command = { TableName: this.#name, ReturnValues: 'ALL_OLD', ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...input } as const;
      return (await this.#client.send(new UpdateCommand(command))).Attributes;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        const body = error.Item?.[BODY];
        throw new ConditionFailed(body?.S ?? body?.B, attemptsOf(error) > 1);
      }
      throw asAwsFailure(error, `UpdateItem on table ${this.#name}`);
    }
  }

  async delete(key: ItemKey): Promise<void> {
    await this.#asked('DeleteItem', this.#client.send(new DeleteCommand({ TableName: this.#name, Key: { ...key } })));
  }

  /**
   * Everything that the query finds, page by page.
   * @param pageSize of the first page; each next one is twice as large, so that neither a short look nor a long one reads in vain
   */
  async *query(input: Of<QueryCommandInput>, pageSize?: number): AsyncGenerator<Item> {
    let start: QueryCommandInput['ExclusiveStartKey'];
    let limit = pageSize;
    do {
      const page = {
        TableName: this.#name,
        ...input,
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(start ? { ExclusiveStartKey: start } : {}),
      };
      const { Items = [], LastEvaluatedKey } = await this.#asked('Query', this.#client.send(new QueryCommand(page)));
      yield* Items;
      start = LastEvaluatedKey;
      limit = limit === undefined ? undefined : Math.min(limit * 2, MAX_PAGE);
    } while (start);
  }

  async #asked<T>(operation: string, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw asAwsFailure(error, `${operation} on table ${this.#name}`);
    }
  }
}

const MAX_PAGE = 1_000;

export function numberOf(item: Item, name: string): number {
  return Number(item[name] ?? 0);
}

/** No bytes for an attribute that is absent. */
export function bytesOf(item: Item, name: string): Uint8Array {
  const value = item[name];
  return value instanceof Uint8Array ? value : new Uint8Array();
}
