import type { TotalsDelta } from '../records/record-columns.ts';
import { sortText, TOTALS_PARTITION, totalsKey } from './keys.ts';
import { PARTITION, SORT } from './schema.ts';
import { bytesOf, numberOf, type Table } from './table.ts';

export interface Totals {
  readonly done: number;
  readonly superseded: number;
  readonly objects: number;
}

const NONE: Totals = { done: 0, superseded: 0, objects: 0 };

/**
 * What no index can tell: how many deliveries ended, and how many objects are applied. Gathered in this process and added to one
 * item a route by `flush`, since a write for each would double the cost: a process that is killed before its flush, or whose flush
 * got no answer, leaves the totals some counts off. They steer nothing but the delete breaker, which needs a size, not a sum.
 */
export class RouteTotals {
  readonly #table: Table;
  readonly #known = new Map<string, Promise<void>>();
  #gathered = new Map<string, Totals>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** Makes the route's item before its first record, so that listings find the route: once in a route's life, one read in a process's. */
  ensure(route: string): Promise<void> {
    const known = this.#known.get(route) ?? this.#register(route);
    this.#known.set(route, known);
    known.catch(() => this.#known.delete(route));
    return known;
  }

  gather(route: string, { statuses, objects }: TotalsDelta): void {
    this.#add(route, { done: statuses.done, superseded: statuses.superseded, objects });
  }

  /** Adds what was gathered since the last time. What could not be added is kept for the next. @throws TidemarkError */
  async flush(): Promise<void> {
    const gathered = this.#gathered;
    this.#gathered = new Map();
    const flushed = await Promise.allSettled([...gathered].map(([route, totals]) => this.#flushRoute(route, totals)));
    for (const each of flushed) if (each.status === 'rejected') throw each.reason;
  }

  /** Every route that has a record, in UTF-8 byte order, with its totals. */
  async read(): Promise<ReadonlyMap<string, Totals>> {
    const routes = new Map<string, Totals>();
    const query = { ConsistentRead: true, KeyConditionExpression: '#pk = :pk', ExpressionAttributeNames: { '#pk': PARTITION } };
    for await (const item of this.#table.query({ ...query, ExpressionAttributeValues: { ':pk': TOTALS_PARTITION } })) {
      const route = sortText(bytesOf(item, SORT));
      routes.set(route, { done: numberOf(item, 'done'), superseded: numberOf(item, 'superseded'), objects: numberOf(item, 'objects') });
    }
    return routes;
  }

  async objects(route: string): Promise<number> {
    return numberOf((await this.#table.get(totalsKey(route))) ?? {}, 'objects');
  }

  async #register(route: string): Promise<void> {
    if ((await this.#table.get(totalsKey(route))) === undefined) await this.#write(route, NONE);
  }

  async #flushRoute(route: string, totals: Totals): Promise<void> {
    if (totals.done === 0 && totals.superseded === 0 && totals.objects === 0) return;
    try {
      await this.#write(route, totals);
    } catch (error) {
      this.#add(route, totals);
      throw error;
    }
  }

  async #write(route: string, { done, superseded, objects }: Totals): Promise<void> {
    await this.#table.update({
      Key: { ...totalsKey(route) },
      UpdateExpression: 'ADD #done :done, #superseded :superseded, #objects :objects',
      ExpressionAttributeNames: { '#done': 'done', '#superseded': 'superseded', '#objects': 'objects' },
      ExpressionAttributeValues: { ':done': done, ':superseded': superseded, ':objects': objects },
      ReturnValues: 'NONE',
    });
  }

  #add(route: string, more: Totals): void {
    const { done, superseded, objects } = this.#gathered.get(route) ?? NONE;
    this.#gathered.set(route, { done: done + more.done, superseded: superseded + more.superseded, objects: objects + more.objects });
  }
}
