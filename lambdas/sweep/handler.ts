/** Called by the clock: queues what is overdue, so that a message that was lost or a worker that died costs minutes, not the change (O7). */
import { expectScheduled } from '../../lib/usecases/comparisons.ts';
import { sweep } from '../../lib/usecases/sweep.ts';
import type { Runtime } from '../shared/runtime.ts';

export type SweepHandler = () => Promise<void>;

/** Keys a call: with more, the next minute goes on. */
const LIMIT = 1_000;

/**
 * With as many messages waiting already nothing is queued: they may be of the same keys, which would be queued again every minute.
 * @throws TidemarkError when the records cannot be read or the queue takes nothing; the next call begins anew
 */
export const makeSweepHandler = (runtime: Runtime): SweepHandler => {
  const { log } = runtime;
  const sweepOnce = async (): Promise<void> => {
    const { waiting } = await runtime.admin.stats();
    if (waiting >= LIMIT) return log.debug('nothing is swept while so much waits', { waiting });
    const queued = await sweep(runtime, LIMIT);
    if (queued > 0) log.info('overdue keys were queued', { queued });
  };
  return async () => {
    try {
      await sweepOnce();
    } finally {
      // Behind what nothing may be lost by: neither waits for the other to go well.
      await expectScheduled(runtime);
    }
  };
};
