import type { ReplicationRecord } from '../../../lib/core/objects/record.ts';
import type { DeleteLog, RecordRef, ReplicationState, RoutePauses, WorkIndex } from '../../../lib/ports/replication-state.ts';
import type { Network } from '../network.ts';
import type { Actor } from '../scheduler.ts';

/** A table with conditional writes; items of tombstones are dropped when their time is over. */
export class Table {
  readonly items = new Map<string, ReplicationRecord>();
  readonly #views = new WeakMap<Actor, Map<string, ReplicationRecord | null>>();
  onPut: (record: ReplicationRecord, before: ReplicationRecord | null, actor: Actor) => void = () => undefined;

  get(key: string, now: number): ReplicationRecord | null {
    const item = this.items.get(key);
    if (item?.expiresAt !== undefined && item.expiresAt <= now) {
      this.items.delete(key);
      return null;
    }
    return item ?? null;
  }

  saw(actor: Actor, key: string, record: ReplicationRecord | null): void {
    const views = this.#views.get(actor) ?? new Map<string, ReplicationRecord | null>();
    this.#views.set(actor, views.set(key, record));
  }

  /** The record as the actor read or wrote it last. */
  viewOf(actor: Actor, key: string): ReplicationRecord | null {
    return this.#views.get(actor)?.get(key) ?? null;
  }
}

export class ModelState implements ReplicationState {
  readonly #table: Table;
  readonly #network: Network;
  readonly #actor: Actor;

  constructor(table: Table, network: Network, actor: Actor) {
    this.#table = table;
    this.#network = network;
    this.#actor = actor;
  }

  get(_route: string, key: string): Promise<ReplicationRecord | null> {
    return this.#network.call(this.#actor, `table.get ${key}`, () => {
      const record = this.#table.get(key, this.#network.scheduler.now);
      this.#table.saw(this.#actor, key, record);
      return record;
    });
  }

  getMany(_route: string, keys: readonly string[]): Promise<ReadonlyMap<string, ReplicationRecord>> {
    return this.#network.call(this.#actor, 'table.getMany', () => {
      const found = keys.flatMap((key): [string, ReplicationRecord][] => {
        const record = this.#table.get(key, this.#network.scheduler.now);
        return record ? [[key, record]] : [];
      });
      return new Map(found);
    });
  }

  put(record: ReplicationRecord, expected: number): Promise<boolean> {
    return this.#network.call(this.#actor, `table.put ${record.key} #${record.version}${record.lease ? ` lease ${record.lease.owner}` : ''}`, () => {
      const before = this.#table.get(record.key, this.#network.scheduler.now);
      if ((before?.version ?? 0) !== expected) return false;
      this.#table.items.set(record.key, record);
      this.#table.saw(this.#actor, record.key, record);
      this.#table.onPut(record, before, this.#actor);
      return true;
    });
  }
}

/** The breaker is tested by itself; here it never trips, so that every delete is judged by its evidence. */
export const openBreaker: { readonly deletes: DeleteLog; readonly index: Pick<WorkIndex, 'objects'> } = {
  deletes: {
    add: () => Promise.resolve(),
    read: () => Promise.resolve({ deletes: 0, pausedAt: null, acceptedUntil: null }),
    pause: () => Promise.resolve(true),
    resume: () => Promise.resolve(),
  },
  index: { objects: () => Promise.resolve(0) },
};

export function refsWith(table: Table, wanted: (record: ReplicationRecord) => boolean): RecordRef[] {
  return [...table.items.values()].filter(wanted).map(({ route, key }) => ({ route, key }));
}

/** Whether the one route is paused, and since when. */
export class PauseModel {
  at: number | null = null;
  releasing = false;
  /** False where a schedule pauses nothing: then nobody's request is another draw of chance. */
  used = false;
}

export class ModelPauses implements RoutePauses {
  readonly #model: PauseModel;
  readonly #network: Network;
  readonly #actor: Actor;

  constructor(model: PauseModel, network: Network, actor: Actor) {
    this.#model = model;
    this.#network = network;
    this.#actor = actor;
  }

  read(): Promise<ReadonlyMap<string, number>> {
    return this.#model.used ? this.#network.call(this.#actor, 'pauses.read', () => this.#now()) : Promise.resolve(new Map());
  }

  recent(): Promise<ReadonlyMap<string, number>> {
    return this.read();
  }

  pause(_route: string): Promise<void> {
    return this.#network.call(this.#actor, 'pauses.pause', () => {
      this.#model.at ??= this.#network.scheduler.now;
    });
  }

  resume(_route: string): Promise<boolean> {
    return this.#network.call(this.#actor, 'pauses.resume', () => {
      this.#model.releasing ||= this.#model.at !== null;
      this.#model.at = null;
      return this.#model.releasing;
    });
  }

  released(_route: string): Promise<void> {
    return this.#network.call(this.#actor, 'pauses.released', () => {
      this.#model.releasing = false;
    });
  }

  #now(): ReadonlyMap<string, number> {
    const { at } = this.#model;
    return new Map(at === null ? [] : ['a-b', 'pair'].map((route) => [route, at]));
  }
}
