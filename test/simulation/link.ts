import type { Link, RegionStore } from '../../lib/ports/objects.ts';
import type { Linked } from '../../lib/usecases/key-job.ts';
import { TransferGate } from '../../lib/usecases/transfer-gate.ts';
import type { Bucket } from './model/bucket.ts';
import { ModelServerSide } from './model/server-side.ts';
import { ModelStore } from './model/store.ts';
import type { Table } from './model/table.ts';
import type { Network } from './network.ts';
import type { Scenario } from './scenario-shape.ts';
import type { Actor } from './scheduler.ts';

export const LARGE_BYTES = 40 * 1024 * 1024;

export interface Ends {
  readonly store: Scenario['store'];
  readonly source: Bucket;
  readonly destination: Bucket;
  readonly table: Table;
  readonly network: Network;
  /** Writes of this key are refused. */
  readonly poisoned: (key: string) => boolean;
}

/** A one-way route's ends, as one worker reaches them. */
export function linkOf({ store, source: from, destination: to, table, network, poisoned }: Ends, actor: Actor): Linked {
  const source: RegionStore = new ModelStore(from, network, actor, () => false);
  const destination: RegionStore = new ModelStore(to, network, actor, poisoned);
  const isUnguarded = (key: string): boolean => {
    const { applied = null, intent, lease = null } = table.viewOf(actor, key) ?? {};
    return applied === null && lease === null && intent !== true;
  };
  const slow = store.slowCopy ? { isUnguarded } : null;
  const serverSide = store.serverSide ? new ModelServerSide(from, to, network, actor, poisoned, slow) : null;
  const link: Link = { source, destination, serverSide, tags: true, gate: new TransferGate() };
  const { conditionalCopy, conditionalPut, conditionalDelete } = to.traits;
  const conditions = { conditionalCopy, conditionalPut, conditionalDelete };
  return { link, traits: { serverSide: serverSide !== null, ...conditions, tags: true, copiesWhole: true, partsFrom: LARGE_BYTES } };
}
