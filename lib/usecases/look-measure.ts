import type { ChangeOrigin } from '../core/change.ts';
import type { ErrorCode, TidemarkError } from '../core/errors.ts';
import type { Completion } from '../core/objects/transitions.ts';
import type { Measure } from '../ports/meter.ts';
import type { KeyOutcome } from './key-job.ts';
import type { Performed } from './perform.ts';

/** What a comparison of listings finds happened long before it was found, and a backfill copies what is old: neither says how fast changes are. */
const TELLS_WHEN: Readonly<Record<ChangeOrigin, boolean>> = { s3: true, api: true, watch: true, backfill: false, reconcile: false, repair: false };

/** Gathers, round by round, what a look comes to. */
export class LookMeasure {
  #objects = 0;
  #bytes = 0;
  #code: ErrorCode | undefined;
  readonly #durationsMs: number[] = [];

  /** @param what of the plan was carried out */
  wrote(what: 'copy' | 'parts' | 'stream' | 'remove' | 'tags', performed: Performed): void {
    if (performed === null || what === 'tags') return;
    this.#objects++;
    this.#bytes += performed.source.size;
  }

  completed({ record, done }: Completion, covered: ReadonlySet<string>): void {
    if (done === 0) return;
    for (const { id, status, origin, ts, updatedAt } of record.deliveries) {
      if (status !== 'done' || updatedAt !== record.updatedAt || !covered.has(id) || !TELLS_WHEN[origin]) continue;
      // A sender's clock may be ahead of ours.
      this.#durationsMs.push(Math.max(0, updatedAt - ts));
    }
  }

  failed(error: TidemarkError): void {
    this.#code = error.code;
  }

  of(route: string, outcome: KeyOutcome): Measure {
    return {
      route,
      done: outcome.kind === 'settled' ? outcome.done : 0,
      errors: outcome.kind === 'failed' ? outcome.errors : 0,
      ...(this.#code === undefined ? {} : { code: this.#code }),
      objects: this.#objects,
      bytes: this.#bytes,
      durationsMs: this.#durationsMs,
    };
  }
}
