import { type CanarySeen, judgeCanary, markedAs, markOf } from '../core/routes/canary.ts';
import { canaryKey, destinationKey, type Route } from '../core/routes/route.ts';
import type { RegionStore } from '../ports/objects.ts';
import type { Clock } from '../ports/system.ts';

export interface CanaryDeps {
  readonly clock: Clock;
  readonly store: (region: string) => Pick<RegionStore, 'head' | 'write'>;
}

const TEXT = 'Tidemark writes this object again and again to see that it arrives at the other side. It may be deleted.\n';

/**
 * Looks where the route's canary is, and sends the next one when it is time. It needs no memory: both objects say what there is to know.
 * The end is told by the destination's clock, to the second on S3.
 * @returns how long the newest one took, or the oldest that has not arrived has taken so far, ms; undefined before the first, and without one
 * @throws TidemarkError when either side cannot be read, or the source not be written
 */
export async function lookAtCanary({ clock, store }: CanaryDeps, route: Route): Promise<number | undefined> {
  if (!route.canary) return undefined;
  const key = canaryKey(route);
  const source = store(route.from);
  const { delayMs, next } = judgeCanary(await whereItIs(source, store(route.to), key, route), route.canary.everySec * 1000, clock.now());
  if (next) {
    const body = Buffer.from(TEXT);
    const like = { etag: '', size: body.length, lastModified: 0, headers: { contentType: 'text/plain' }, metadata: markedAs(next) };
    await source.write(key, body, { size: body.length, like });
  }
  return delayMs;
}

async function whereItIs(source: Pick<RegionStore, 'head'>, destination: Pick<RegionStore, 'head'>, key: string, route: Route): Promise<CanarySeen> {
  const [here, there] = await Promise.all([source.head(key), destination.head(destinationKey(route, key))]);
  const sent = here.present ? markOf(here.sight.metadata) : undefined;
  const arrived = there.present ? markOf(there.sight.metadata) : undefined;
  const at = there.present ? there.sight.lastModified : 0;
  return { ...(sent ? { sent } : {}), ...(arrived ? { arrived: { ...arrived, at } } : {}) };
}
