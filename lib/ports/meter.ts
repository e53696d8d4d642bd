import type { ErrorCode } from '../core/errors.ts';

/** What one look at a key came to. */
export interface Measure {
  readonly route: string;
  /** Deliveries that ended as done. */
  readonly done: number;
  /** Deliveries that ended as errors. */
  readonly errors: number;
  /** Why it failed, whether or not it is tried again; absent where it did not. */
  readonly code?: ErrorCode;
  /** Objects written at the destination; a delete or a change of tags is none. */
  readonly objects: number;
  readonly bytes: number;
  /** Of each delivery that is done and whose sender said when its change happened: how long it took from then on, ms. */
  readonly durationsMs: readonly number[];
}

/** Is told of every look. Never throws: what is not counted must not stop what is done. */
export interface Meter {
  look(measure: Measure): void;
}
