/** What went wrong as problem+json (RFC 9457): once, for every endpoint. */
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { FieldProblem } from '../../lib/config/field-problems.ts';
import { asTidemarkError, type ErrorCode, type TidemarkError } from '../../lib/core/errors.ts';
import type { Log } from './log.ts';

export type Status = 400 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 416 | 500 | 502 | 503 | 504;

/** By HTTP alone: nothing of Tidemark's own failed. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: Status;
  readonly errors: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, detail: string, errors: readonly FieldProblem[] = [], headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

const TITLES: Readonly<Record<Status, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  416: 'Range Not Satisfiable',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** How a failure of the system is told to a caller. A store that refuses us (502) is no refusal of the caller. */
const STATUSES: Readonly<Record<ErrorCode, Status>> = {
  NO_SUCH_KEY_AT_SOURCE: 404,
  PRECONDITION_FAILED: 409,
  NO_WRITER: 503,
  SWITCH_REFUSED: 409,
  WRONG_STATE: 409,
  CURSOR_EXPIRED: 410,
  CHECKPOINT_BEHIND: 409,
  BUCKET_MISSING: 503,
  ACCESS_DENIED: 502,
  THROTTLED: 503,
  KEY_BUSY: 503,
  UNAVAILABLE: 503,
  ARCHIVED: 409,
  KEY_NOT_STORABLE: 400,
  TOO_LARGE: 413,
  INTEGRITY: 502,
  LEASE_LOST: 409,
  TIME_LIMIT: 504,
  DELETES_PAUSED: 409,
  AUDIT_UNAVAILABLE: 503,
  AUDIT_BROKEN: 500,
  ARCHIVE_BROKEN: 500,
  CRASHED: 500,
  MALFORMED_MESSAGE: 400,
  REJECTED: 502,
  INTERNAL: 500,
  INVALID_INPUT: 400,
  INVALID_CONFIG: 500,
};

/** @returns the status of the answer to a request that ended in `error` */
export function statusOf(error: unknown): Status {
  return error instanceof RequestError ? error.status : STATUSES[asTidemarkError(error).code];
}

/** @returns the answer to a request that ended in `error`; what the caller cannot mend is logged, with its cause */
export function problemAnswer(error: unknown, requestId: string, log: Log): APIGatewayProxyStructuredResultV2 {
  const cause = error instanceof RequestError ? null : asTidemarkError(error);
  const known = error instanceof RequestError ? error : fromSystem(asTidemarkError(error));
  // A switch refuses each write for some seconds: it is told once, by whoever made it.
  if (cause?.code === 'NO_WRITER') log.debug('a write was refused', { requestId });
  else if (known.status >= 500)
    log.error('a request failed', { requestId, status: known.status, error: error instanceof Error ? error : String(error) });
  const { status, errors, headers, message } = known;
  const type = cause ? `urn:tidemark:problem:${cause.code.toLowerCase().replaceAll('_', '-')}` : 'about:blank';
  const problem = { type, title: TITLES[status], status, detail: message, instance: requestId, ...(errors.length > 0 ? { errors } : {}) };
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(problem),
  };
}

function fromSystem(error: TidemarkError): RequestError {
  const status = STATUSES[error.code];
  // What is our own fault says nothing of our insides.
  if (status === 500) return new RequestError(status, 'Something unexpected happened; the log tells of it under this request id.');
  const named = /^([\w.[\]]+): (.*)$/s.exec(error.message);
  const { retryAfterSec } = error.fields;
  const headers: Record<string, string> = typeof retryAfterSec === 'number' ? { 'retry-after': String(Math.ceil(retryAfterSec)) } : {};
  const errors = status === 400 && named?.[1] && named[2] ? [{ field: named[1], message: named[2], fix: error.fix }] : [];
  return new RequestError(status, `${error.message}. ${error.fix}`, errors, headers);
}
