/** Called by the clock: queues what is overdue, so that a message that was lost or a worker that died costs minutes, not the change (O7). */
import { expectScheduled } from '../../lib/usecases/comparisons.ts';
import { sweep } from '../../lib/usecases/sweep.ts';
import type { Runtime } from '../shared/runtime.ts';

export type SweepHandler = () => Promise<void>;

/** Keys a call: with more, the next minute goes on. */
const LIMIT = 1_000;

/**
 * With as many messages waiting already nothing is queued: they may be of the same keys, which would be queued again every minute.
 * @param tell how it is; heard also where nothing can be queued
 * @throws TidemarkError when the records cannot be read or the queue takes nothing, and as `tell` does; the next call begins anew
 */
export const makeSweepHandler = (runtime: Runtime, tell?: () => Promise<void>): SweepHandler => {
  const { log } = runtime;
  const sweepOnce = async (): Promise<void> => {
    const { waiting } = await runtime.admin.stats();
    if (waiting >= LIMIT) return log.debug('nothing is swept while so much waits', { waiting });
    const queued = await sweep(runtime, LIMIT);
    if (queued > 0) log.info('overdue keys were queued', { queued });
  };
  return async () => {
    // First, since after a standstill the ages that are told begin anew. Nothing may be lost by it: that it failed is said at the end.
    const [noted] = await Promise.allSettled([expectScheduled(runtime)]);
    await tell?.();
    await sweepOnce();
    if (noted.status === 'rejected') throw noted.reason;
  };
};
