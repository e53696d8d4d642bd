/** The workflow engine of the embedded host: walks a backfill's steps as Step Functions does, by the same rules and the same handler. */
import type { BackfillAnswer, BackfillHandler } from '../../lambdas/backfill/handler.ts';
import type { Log } from '../../lambdas/shared/log.ts';
import { type BackfillJob, ENDED } from '../core/backfill/job.ts';
import { JOB_KINDS } from '../core/backfill/mode.ts';
import { AFTER_WALK, type BackfillStep, retryDelaySec, STEP_RETRIES } from '../core/backfill/workflow.ts';
import { asTidemarkError } from '../core/errors.ts';
import type { BackfillJobs } from '../ports/backfills.ts';
import type { Clock } from '../ports/system.ts';
import type { BackfillWorkflow } from '../usecases/backfill/deps.ts';
import { lambdaContext } from './lambda-context.ts';

export interface BackfillLoopOptions {
  readonly jobs: Pick<BackfillJobs, 'list'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Ranges walked at once. */
const AT_ONCE = 4;
const LATER_MS = 5_000;
/** A walk is begun anew by whoever starts next: there is no need to end it early. */
const TIME_LIMIT_MS = 12 * 3_600_000;
/** Jobs looked at for those that have not ended: the newest. */
const RECENT = 1_000;

export class BackfillLoop implements BackfillWorkflow {
  readonly #options: BackfillLoopOptions;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #handler: BackfillHandler | null = null;

  constructor(options: BackfillLoopOptions) {
    this.#options = options;
  }

  /** Fires when the host stops. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** To be called once, before anything is started. */
  use(handler: BackfillHandler): void {
    this.#handler = handler;
  }

  async start({ id }: Pick<BackfillJob, 'id'>): Promise<void> {
    if (this.#running.has(id) || this.signal.aborted) return;
    const run = this.#run(id).finally(() => this.#running.delete(id));
    this.#running.set(id, run);
  }

  /** The walk itself sees that its job is over, at its next page. */
  async stop(): Promise<void> {}

  /** Goes on with what a former process left. @returns how many backfills */
  async recover(): Promise<number> {
    const open = (await this.#options.jobs.list(JOB_KINDS, RECENT)).filter(({ status }) => !ENDED[status]);
    for (const job of open) await this.start(job);
    return open.length;
  }

  /** Resolves when what is under way has reached its next checkpoint. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.allSettled(this.#running.values());
  }

  async #run(id: string): Promise<void> {
    const { log } = this.#options;
    try {
      const planned = await this.#step({ action: 'plan', id });
      const ranges = planned && 'ranges' in planned ? [...planned.ranges] : [];
      const next = async (): Promise<void> => {
        for (let index = ranges.shift(); index !== undefined && !this.signal.aborted; index = ranges.shift()) await this.#walk(id, index);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, next));
      await this.#step({ action: 'report', id });
    } catch (thrown) {
      const error = asTidemarkError(thrown);
      if (this.signal.aborted) return;
      await this.#call({ action: 'fail', id, code: error.code, cause: error.message }).catch((unwritten: unknown) => {
        log.error('a backfill failed, and that could not be written down; it is tried again at the next start', {
          id,
          error: asTidemarkError(unwritten).message,
        });
      });
    }
  }

  async #walk(id: string, index: number): Promise<void> {
    const { clock } = this.#options;
    while (!this.signal.aborted) {
      const answer = await this.#step({ action: 'walk', id, index });
      const then = answer && 'state' in answer ? AFTER_WALK[answer.state] : null;
      if (then === null) return;
      if (then === 'later') await clock.sleep(LATER_MS, this.signal);
    }
  }

  /** @returns null when the host stops. @throws what the last attempt threw */
  async #step(step: BackfillStep): Promise<BackfillAnswer | null> {
    const { clock } = this.#options;
    for (let failures = 1; !this.signal.aborted; failures++) {
      try {
        return await this.#call(step);
      } catch (error) {
        if (failures > STEP_RETRIES.attempts) throw error;
        await clock.sleep(retryDelaySec(failures) * 1000, this.signal);
      }
    }
    return null;
  }

  async #call(step: BackfillStep): Promise<BackfillAnswer> {
    if (!this.#handler) throw new TypeError('the loop was given no handler');
    return this.#handler(step, lambdaContext('backfill', TIME_LIMIT_MS));
  }
}
