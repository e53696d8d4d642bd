/** A drill: what is broken on purpose, and what came of it. */

/** `short` is for CI: people switch, since three probes take the better part of a minute. */
export const FORMS = ['full', 'short'] as const;
export type Form = (typeof FORMS)[number];

export interface Drill {
  readonly name: string;
  /** What is broken, in a sentence. */
  readonly what: string;
  /** True: part of the short form too. */
  readonly inShort: boolean;
  /** @throws Error where it does not come to its end */
  run(form: Form): Promise<Outcome>;
}

/** What was done, for the judgement. */
export interface Played {
  /** When the fault began that writes were to survive by a switch; absent: none was to follow. */
  readonly faultAt?: number;
  /** The epoch that the switch made. */
  readonly epoch?: number;
  /** Gateways themselves were out: `some`, and a read is sent again to another one; `all`, and there was nobody to ask. @default 'none' */
  readonly gatewaysOut?: 'none' | 'some' | 'all';
  /** What this drill asked for beside what must hold always, and did not get. */
  readonly broken?: readonly string[];
}

export interface Outcome {
  readonly seconds: number;
  readonly reads: number;
  readonly retried: number;
  readonly unanswered: number;
  /** Reads of what had its only copy out of reach. */
  readonly behind: number;
  readonly stale: number;
  readonly readP99Ms: number;
  readonly acked: number;
  readonly refused: number;
  readonly unknown: number;
  readonly lost: number;
  readonly late: number;
  readonly split: number;
  /** From the fault to the first write that was acknowledged at the other region; null: nobody switched. */
  readonly switchSeconds: number | null;
  /** What does not hold. */
  readonly broken: readonly string[];
  /** Why requests failed, and how often. */
  readonly failures: readonly string[];
}
