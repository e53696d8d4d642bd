/** What each region holds of a key, and how far its replication is (B3). */
import { asTidemarkError, type TidemarkError } from '../../core/errors.ts';
import { isStillPair } from '../../core/objects/base.ts';
import { sameObject } from '../../core/objects/pair.ts';
import { isOpen } from '../../core/objects/plan.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { Observation } from '../../core/objects/sight.ts';
import type { Route } from '../../core/routes/route.ts';
import type { ObjectReader } from '../../ports/objects.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';

export type KeyState = 'equal' | 'absent' | 'pending' | 'different' | 'missing' | 'failed' | 'unknown';

export type HeldAt = Observation | { readonly error: TidemarkError };

export interface KeyReplication {
  readonly state: KeyState;
  /** By the name of the region. */
  readonly regions: Readonly<Record<string, HeldAt>>;
  /** How long the oldest change has been on its way, ms; 0: none is. */
  readonly lagMs: number;
  readonly lastError: string | null;
}

export interface ReplicationOfDeps {
  readonly route: Pick<Route, 'name' | 'from' | 'to'>;
  readonly store: (region: string) => Pick<ObjectReader, 'head'>;
  readonly state: Pick<ReplicationState, 'get'>;
  readonly clock: Clock;
}

/** @throws TidemarkError where the record cannot be read; a region that does not answer is told as such */
export async function replicationOf({ route, store, state, clock }: ReplicationOfDeps, key: string): Promise<KeyReplication> {
  const look = (region: string): Promise<HeldAt> =>
    store(region)
      .head(key)
      .catch((error: unknown) => ({ error: asTidemarkError(error) }));
  const [record, from, to] = await Promise.all([state.get(route.name, key), look(route.from), look(route.to)]);
  const deliveries = record?.deliveries ?? [];
  const open = deliveries.filter(isOpen);
  const since = Math.min(...open.map(({ createdAt }) => createdAt));
  return {
    state: stateOf(from, to, record),
    regions: { [route.from]: from, [route.to]: to },
    lagMs: open.length === 0 ? 0 : Math.max(0, clock.now() - since),
    lastError: deliveries.findLast(({ lastError, status }) => lastError !== undefined && status !== 'done')?.lastError ?? null,
  };
}

function stateOf(from: HeldAt, to: HeldAt, record: ReplicationRecord | null): KeyState {
  const { applied = null, deliveries = [] } = record ?? {};
  if ('error' in from || 'error' in to) return 'unknown';
  if (!from.present && !to.present) return 'absent';
  if (from.present && to.present && (sameObject(from.sight, to.sight) || isStillPair({ from, to }, applied))) return 'equal';
  if (deliveries.some(({ status }) => status === 'error')) return 'failed';
  if (deliveries.some(isOpen)) return 'pending';
  return from.present && to.present ? 'different' : 'missing';
}
