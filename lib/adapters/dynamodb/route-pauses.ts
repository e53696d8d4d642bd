import type { RoutePauses } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { Recently } from '../system/recently.ts';
import { PAUSES_KEY } from './keys.ts';
import { ConditionFailed, numberOf, type Table } from './table.ts';

/** Before a route's name: it may be that of another attribute. */
const ROUTE = 'r:';
/** The same of a route whose resumption has not ended. */
const RELEASING = 'f:';

/** One item with an attribute for each paused route, so that a process learns of all of them by one read a second at most. */
export class DynamoRoutePauses implements RoutePauses {
  readonly #table: Table;
  readonly #recent: Recently<ReadonlyMap<string, number>>;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#recent = new Recently(clock, () => this.read());
  }

  async read(): Promise<ReadonlyMap<string, number>> {
    const item = (await this.#table.get(PAUSES_KEY)) ?? {};
    const names = Object.keys(item).filter((name) => name.startsWith(ROUTE));
    return new Map(names.map((name) => [name.slice(ROUTE.length), numberOf(item, name)]));
  }

  recent(): Promise<ReadonlyMap<string, number>> {
    return this.#recent.get();
  }

  async pause(route: string, at: number): Promise<void> {
    await this.#update({
      UpdateExpression: 'SET #route = if_not_exists(#route, :at)',
      ExpressionAttributeNames: { '#route': ROUTE + route },
      ExpressionAttributeValues: { ':at': at },
    });
  }

  async resume(route: string): Promise<boolean> {
    try {
      await this.#update({
        UpdateExpression: 'SET #releasing = :yes REMOVE #route',
        ConditionExpression: 'attribute_exists(#route) OR attribute_exists(#releasing)',
        ExpressionAttributeNames: { '#route': ROUTE + route, '#releasing': RELEASING + route },
        ExpressionAttributeValues: { ':yes': 1 },
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  }

  async released(route: string): Promise<void> {
    await this.#update({ UpdateExpression: 'REMOVE #releasing', ExpressionAttributeNames: { '#releasing': RELEASING + route } });
  }

  async #update(change: Omit<Parameters<Table['update']>[0], 'Key'>): Promise<void> {
    try {
      await this.#table.update({ Key: { ...PAUSES_KEY }, ReturnValues: 'NONE', ...change });
    } finally {
      // One whose answer was lost may be written as well.
      this.#recent.forget();
    }
  }
}
