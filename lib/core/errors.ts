/** Failure is data: one class, one total table of codes, so that a new code without its handling doesn't compile. */

/**
 * How patiently a failed delivery is tried again.
 * - `never`: trying again cannot help; it is an error at once.
 * - `limited`: it may help a few times (the route's maxRetries), then it is an error.
 * - `patient`: the endpoint, not the object, is at fault: tried for hours, because it heals without anyone touching the object.
 */
export type Patience = 'never' | 'limited' | 'patient';

interface CodeFacts {
  readonly patience: Patience;
  /** What a person should do next; shown beside every message. ROUTE stands for the route that the error names. */
  readonly fix: string;
}

const CODES = {
  NO_SUCH_KEY_AT_SOURCE: {
    patience: 'limited',
    fix: 'Write the object at the source and requeue the event, or ignore it if the object is gone for good.',
  },
  PRECONDITION_FAILED: { patience: 'limited', fix: 'The object changed while it was copied; it is looked at again by itself.' },
  BUCKET_MISSING: {
    patience: 'patient',
    fix: 'Create the bucket, mount the folder, or correct its name in the configuration. Nothing is deleted meanwhile.',
  },
  ACCESS_DENIED: {
    patience: 'limited',
    fix: 'Check the access keys, and grant the missing permission on the bucket or its KMS key; then requeue the errors.',
  },
  THROTTLED: { patience: 'patient', fix: 'The endpoint asked to slow down; it is tried again by itself.' },
  KEY_BUSY: { patience: 'patient', fix: 'Another worker holds the key, or its next attempt is not due yet; it is looked at again by itself.' },
  UNAVAILABLE: { patience: 'patient', fix: 'The endpoint does not answer; check its address and health. It is tried again by itself.' },
  ARCHIVED: { patience: 'never', fix: 'Restore the object from its archive; the restore event starts the copy.' },
  KEY_NOT_STORABLE: { patience: 'never', fix: 'The destination cannot hold this key; rename the object or choose a destination that can.' },
  TOO_LARGE: { patience: 'never', fix: 'The destination cannot hold an object of this size.' },
  INTEGRITY: { patience: 'limited', fix: 'What was written differs from what was read; it is copied again by itself.' },
  LEASE_LOST: { patience: 'limited', fix: 'Another worker took the key over; it is looked at again by itself.' },
  TIME_LIMIT: {
    patience: 'limited',
    fix: 'The copy took longer than a look may: raise limits.lookSec, or see why the endpoint is slow; then requeue the event.',
  },
  DELETES_PAUSED: {
    patience: 'patient',
    fix: 'Too many deletes arrived, or the source is another than before. Check it, then: tidemark routes resume ROUTE --accept-deletes (or POST /routes/ROUTE/resume {"acceptDeletes":true}).',
  },
  AUDIT_UNAVAILABLE: { patience: 'patient', fix: 'Nothing was done. See why the store of the audit trail fails, then ask again.' },
  AUDIT_BROKEN: { patience: 'never', fix: 'Run `tidemark audit verify`, which names the first bad entry; docs/audit.md says what to do then.' },
  ARCHIVE_BROKEN: {
    patience: 'never',
    fix: 'Nothing was written. Restore the named file of the archive from a backup, or read on without it by telling the reader to skip what is damaged.',
  },
  CRASHED: { patience: 'never', fix: 'The worker died on this message again and again; see its log, then requeue the event.' },
  MALFORMED_MESSAGE: { patience: 'never', fix: 'Correct the sender; the whole message is kept in the dead-letter queue.' },
  REJECTED: { patience: 'limited', fix: 'The endpoint refused the request; see the message, then requeue the event.' },
  INTERNAL: { patience: 'limited', fix: 'This is a defect of Tidemark; please report it with the request id.' },
  NO_WRITER: {
    patience: 'patient',
    fix: 'Send the write again after the seconds that Retry-After names: no region may take writes at this moment, and reads go on. If it stays, see: tidemark failover status.',
  },
  SWITCH_REFUSED: {
    patience: 'never',
    fix: 'Look at tidemark failover status, and ask again when what stands in the way is over; or name the region and force it, knowing what may be missing there.',
  },
  WRONG_STATE: { patience: 'never', fix: 'It has ended, or never failed: look at it first, and begin a new one where there is more to do.' },
  CURSOR_EXPIRED: { patience: 'never', fix: "Read the archive, which keeps them; or begin at 'earliest', knowing what is left out." },
  CHECKPOINT_BEHIND: {
    patience: 'never',
    fix: 'Save a later cursor. To read again what was read, save this one by force: the subscriber gets those events once more.',
  },
  INVALID_INPUT: { patience: 'never', fix: 'Correct the named field.' },
  INVALID_CONFIG: { patience: 'never', fix: 'Correct the named field of the configuration.' },
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof CODES;
export const ERROR_CODES: Readonly<Record<ErrorCode, CodeFacts>> = CODES;

export class TidemarkError extends Error {
  override readonly name: string = 'TidemarkError';
  readonly code: ErrorCode;
  /** The values that matter: key, region, bucket, status, path… Never a secret. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, fields: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.fields = fields;
  }

  get patience(): Patience {
    return ERROR_CODES[this.code].patience;
  }

  get retryable(): boolean {
    return this.patience !== 'never';
  }

  /** True when a request got no answer (`fields.outcomeUnknown`, set by adapters): it may have been carried out, or still be. */
  get outcomeUnknown(): boolean {
    return this.fields.outcomeUnknown === true;
  }

  /** A command that can be given as it stands, where the route is known. */
  get fix(): string {
    const { fix } = ERROR_CODES[this.code];
    const { route } = this.fields;
    return typeof route === 'string' ? fix.replaceAll('ROUTE', () => route) : fix;
  }
}

/** A conditional request found something else than was expected; not a failure, a reason to look again. */
export class PreconditionFailedError extends TidemarkError {
  override readonly name = 'PreconditionFailedError';
  readonly side: 'source' | 'destination';

  constructor(side: 'source' | 'destination', key: string, cause?: unknown) {
    super('PRECONDITION_FAILED', `the object at the ${side} is not the one that was expected`, { side, key }, cause);
    this.side = side;
  }
}

/** A lease ran out or was taken over; its holder may neither write nor complete. */
export class LeaseLostError extends TidemarkError {
  override readonly name = 'LeaseLostError';

  constructor(key: string, why: string) {
    super('LEASE_LOST', `the lease on the key was lost: ${why}`, { key });
  }
}

/** Any thrown value as a TidemarkError, so that callers decide on codes alone. */
export function asTidemarkError(error: unknown): TidemarkError {
  if (error instanceof TidemarkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TidemarkError('INTERNAL', message, {}, error);
}
