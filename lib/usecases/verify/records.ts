import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { ReplicationState } from '../../ports/replication-state.ts';

/** As many as one read takes. */
const AT_ONCE = 100;

/** The records of any number of keys. */
export async function recordsOf(
  state: Pick<ReplicationState, 'getMany'>,
  route: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, ReplicationRecord>> {
  const chunks = Array.from({ length: Math.ceil(keys.length / AT_ONCE) }, (_, chunk) => keys.slice(chunk * AT_ONCE, (chunk + 1) * AT_ONCE));
  const found = await Promise.all(chunks.map((chunk) => state.getMany(route, chunk)));
  return new Map(found.flatMap((records) => [...records]));
}
