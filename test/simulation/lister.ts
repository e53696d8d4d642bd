import { backfillMessage } from '../../lib/core/backfill/message.ts';
import type { ObjectChange } from '../../lib/core/change.ts';
import { listedAlone } from '../../lib/core/objects/listed.ts';
import { difference } from '../../lib/core/objects/reconcile.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { Random } from './random.ts';
import type { WorkerDeps } from './workers.ts';

/** One page of a backfill; what it asks for is received whenever it is. @param asked told of each change once its message is queued */
export async function listOnce(
  deps: WorkerDeps,
  route: Route,
  mode: 'missing' | 'all',
  random: Random,
  asked: (change: ObjectChange) => void,
): Promise<void> {
  const { link } = await deps.link(route);
  const [here, there] = await Promise.all([link.source.list({}), link.destination.list({})]);
  const records = await deps.state.getMany(
    route.name,
    here.objects.map(({ key }) => key),
  );
  for (const source of here.objects) {
    const destination = there.objects.find(({ key }) => key === source.key);
    const { key, etag, size } = source;
    const record = mode === 'all' ? undefined : records.get(key);
    const ts = deps.clock.now();
    const found = mode === 'all' ? { op: 'PUT' as const, key, ts, etag, size } : difference(key, source, destination, record, ts);
    if (!found) continue;
    const change: ObjectChange = { ...found, origin: 'backfill' };
    const body = backfillMessage('job', route.name, change, listedAlone(source, mode === 'all' ? undefined : destination, record));
    await deps.queue.send([{ body, delaySec: random.pick([0, 0, 1, 30, 200]) }]);
    asked(change);
  }
}
