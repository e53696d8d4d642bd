/** Called by the clock: queues what is overdue, so that a message that was lost or a worker that died costs minutes, not the change (O7). */
import { sweep } from '../../lib/usecases/sweep.ts';
import type { Runtime } from '../shared/runtime.ts';

export type SweepHandler = () => Promise<void>;

/** Keys a call: with more, the next minute goes on. */
const LIMIT = 1_000;

/** @throws TidemarkError when the records cannot be read or the queue takes nothing; the next call begins anew */
export const makeSweepHandler = (runtime: Runtime): SweepHandler => {
  const { log } = runtime;
  return async () => {
    const queued = await sweep(runtime, LIMIT);
    if (queued > 0) log.info('overdue keys were queued', { queued });
  };
};
