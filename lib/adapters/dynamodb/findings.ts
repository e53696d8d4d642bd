import type { Findings } from '../../ports/objects.ts';
import type { Clock } from '../../ports/system.ts';
import { findingKey } from './keys.ts';
import { BODY, TTL } from './schema.ts';
import { numberOf, type Table } from './table.ts';

/** A bucket's settings may change: what was found out is tried anew as often. */
const KEPT_SEC = 6 * 3600;

export class DynamoFindings implements Findings {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async recall(name: string): Promise<unknown> {
    const item = await this.#table.get(findingKey(name));
    // DynamoDB removes what is over in its own time.
    if (item === undefined || numberOf(item, TTL) * 1000 <= this.#clock.now()) return null;
    return JSON.parse(String(item[BODY]));
  }

  async remember(name: string, finding: unknown): Promise<void> {
    await this.#table.update({
      Key: { ...findingKey(name) },
      UpdateExpression: 'SET #body = :body, #ttl = :ttl',
      ExpressionAttributeNames: { '#body': BODY, '#ttl': TTL },
      ExpressionAttributeValues: { ':body': JSON.stringify(finding), ':ttl': Math.floor(this.#clock.now() / 1000) + KEPT_SEC },
      ReturnValues: 'NONE',
    });
  }
}
