import { type Crossing, crossing, type Watermark } from '../../core/gateway/watermark.ts';
import type { ControlStore } from '../../ports/control.ts';
import type { QueueAdmin } from '../../ports/queue.ts';
import type { WorkIndex } from '../../ports/replication-state.ts';
import type { Clock } from '../../ports/system.ts';

export interface WatermarkDeps {
  readonly index: Pick<WorkIndex, 'oldest' | 'stats'>;
  readonly admin: Pick<QueueAdmin, 'stats'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** How far the route is replicated now. @throws TidemarkError when records or queues do not answer */
export async function measureWatermark({ index, admin, clock }: WatermarkDeps, route: string): Promise<Watermark> {
  const at = clock.now();
  const [oldest, { counts }, queue] = await Promise.all([index.oldest(route), index.stats(), admin.stats()]);
  const since = [oldest.open, queue.oldestAt].filter((time) => time !== undefined);
  const open = Math.max(counts.pending + counts.in_progress, queue.waiting + queue.inFlight);
  const through = queue.oldestUnknown && open > 0 ? null : Math.min(at, ...since);
  return { route, at, through, open, failedSince: oldest.error ?? null };
}

/** The last that was written down of the route; null: nothing was. @throws TidemarkError when the control store does not answer */
export async function lastCrossing(
  { control, clock }: { readonly control: Pick<ControlStore, 'watermarks'>; readonly clock: Pick<Clock, 'now'> },
  route: string,
): Promise<Crossing | null> {
  const found = (await control.watermarks()).find((watermark) => watermark.route === route);
  return found ? crossing(found, clock.now()) : null;
}
