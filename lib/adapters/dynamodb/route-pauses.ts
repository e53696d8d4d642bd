import type { RoutePauses } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';
import { PAUSES_KEY } from './keys.ts';
import { ConditionFailed, numberOf, type Table } from './table.ts';

const RECENT_MS = 1_000;
/** Before a route's name: it may be that of another attribute. */
const ROUTE = 'r:';
/** The same of a route whose resumption has not ended. */
const RELEASING = 'f:';

/** One item with an attribute for each paused route, so that a process learns of all of them by one read a second at most. */
export class DynamoRoutePauses implements RoutePauses {
  readonly #table: Table;
  readonly #clock: Clock;
  #known: { readonly at: number; readonly pauses: Promise<ReadonlyMap<string, number>> } | null = null;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  async read(): Promise<ReadonlyMap<string, number>> {
    const item = (await this.#table.get(PAUSES_KEY)) ?? {};
    const names = Object.keys(item).filter((name) => name.startsWith(ROUTE));
    return new Map(names.map((name) => [name.slice(ROUTE.length), numberOf(item, name)]));
  }

  recent(): Promise<ReadonlyMap<string, number>> {
    const now = this.#clock.now();
    if (this.#known && now - this.#known.at < RECENT_MS) return this.#known.pauses;
    const known = { at: now, pauses: this.read() };
    this.#known = known;
    known.pauses.catch(() => {
      if (this.#known === known) this.#known = null;
    });
    return known.pauses;
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
    this.#known = null;
    await this.#table.update({ Key: { ...PAUSES_KEY }, ReturnValues: 'NONE', ...change });
  }
}
