import { asTidemarkError } from '../../core/errors.ts';

/** `error` must be mended, `warning` costs something, `info` is good to know. */
export type Level = 'ok' | 'info' | 'warning' | 'error';

export interface Finding {
  readonly level: Level;
  /** What was looked at: `bucket`, `permissions`, `clock`… */
  readonly check: string;
  /** Whose: `region primary`, `route primary-secondary`, `queue events`. */
  readonly subject: string;
  /** What was found, as a machine reads it; OK where all is well. */
  readonly code: string;
  readonly message: string;
  /** What a person should do next; none where all is well. */
  readonly fix?: string;
}

/** The findings of one check on one subject. */
export interface Chart {
  ok(message: string): Finding;
  found(level: Exclude<Level, 'ok'>, code: string, message: string, fix: string): Finding;
  /** What could not be looked at, in the words of the failure. */
  unseen(error: unknown): Finding;
}

export function chartOf(check: string, subject: string): Chart {
  return {
    ok: (message) => ({ level: 'ok', check, subject, code: 'OK', message }),
    found: (level, code, message, fix) => ({ level, check, subject, code, message, fix }),
    unseen: (thrown) => {
      const { code, message, fix } = asTidemarkError(thrown);
      return { level: 'error', check, subject, code, message, fix };
    },
  };
}
