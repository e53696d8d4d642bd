/** Whatever a request can end in, as one of Tidemark's errors. */
import { type ErrorCode, PreconditionFailedError, TidemarkError } from '../../core/errors.ts';
import { namesFoldedAway } from './folded-keys.ts';

/** What was asked for. */
export interface Attempt {
  readonly operation: string;
  readonly bucket: string;
  readonly key?: string;
  /** The end that a failed condition or an absent object speaks of. */
  readonly side: 'source' | 'destination';
  /** Of a copy: the destination had a condition too, so a 412 may speak of either end. */
  readonly destinationCondition?: boolean;
}

/** What came of it, whichever client asked. */
export interface Failure {
  readonly message: string;
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly s3Code?: string;
  readonly requestId?: string;
  /** The condition that did not hold, where the store names it. */
  readonly condition?: string;
}

const BY_S3_CODE: Readonly<Record<string, ErrorCode>> = {
  NoSuchBucket: 'BUCKET_MISSING',
  SlowDown: 'THROTTLED',
  SlowDownRead: 'THROTTLED',
  SlowDownWrite: 'THROTTLED',
  Throttling: 'THROTTLED',
  ThrottlingException: 'THROTTLED',
  TooManyRequests: 'THROTTLED',
  RequestLimitExceeded: 'THROTTLED',
  BandwidthLimitExceeded: 'THROTTLED',
  InvalidObjectState: 'ARCHIVED',
  EntityTooLarge: 'TOO_LARGE',
  KeyTooLongError: 'KEY_NOT_STORABLE',
  KeyTooLong: 'KEY_NOT_STORABLE',
  InvalidURI: 'KEY_NOT_STORABLE',
  // Stores that keep objects as files: 409 and 400, and no conflict that goes away.
  ObjectParentIsFile: 'KEY_NOT_STORABLE',
  ExistingObjectIsDirectory: 'KEY_NOT_STORABLE',
  DirectoryObjectContainsData: 'KEY_NOT_STORABLE',
  XMinioObjectExistsAsDirectory: 'KEY_NOT_STORABLE',
  XMinioParentIsObject: 'KEY_NOT_STORABLE',
  XMinioInvalidObjectName: 'KEY_NOT_STORABLE',
  XMinioInvalidResourceName: 'KEY_NOT_STORABLE',
  BadDigest: 'INTEGRITY',
  InvalidDigest: 'INTEGRITY',
  XAmzContentChecksumMismatch: 'INTEGRITY',
  XAmzContentSHA256Mismatch: 'INTEGRITY',
  IncompleteBody: 'INTEGRITY',
  XAdminUserNotFound: 'ACCESS_DENIED',
  ExpiredToken: 'ACCESS_DENIED',
  InvalidToken: 'ACCESS_DENIED',
  // The clock or the line is at fault, not the object.
  RequestTimeTooSkewed: 'UNAVAILABLE',
  RequestTimeout: 'UNAVAILABLE',
  InternalError: 'UNAVAILABLE',
};

/** @returns PreconditionFailedError for a condition or pin that did not hold, and for an object or upload that is gone */
export function toTidemarkError(failure: Failure, attempt: Attempt, cause?: unknown): TidemarkError {
  const { status, s3Code, requestId } = failure;
  const { operation, bucket, key } = attempt;
  const fields = { operation, bucket, key, status, s3Code, requestId, ...(isUnknown(failure) ? { outcomeUnknown: true } : {}) };
  const code = codeOf(failure, attempt);
  if (code === 'PRECONDITION_FAILED') return new PreconditionFailedError(sideOf(failure, attempt), key ?? '', cause);
  const answer = status === undefined ? 'had no answer' : `was answered ${status}${s3Code ? ` ${s3Code}` : ''}`;
  // An answer to HEAD names nothing, and a health check shows the message alone.
  const where = key === undefined || code === 'BUCKET_MISSING' ? ` on bucket ${bucket}` : '';
  return new TidemarkError(code, `${operation}${where} ${answer}: ${failure.message}`, fields, cause);
}

/** Never sent, so surely not carried out. */
const NEVER_SENT: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** The request may have been carried out, or may still be. */
function isUnknown({ status, s3Code }: Failure): boolean {
  return status === undefined ? !NEVER_SENT.has(s3Code) : status >= 500 && BY_S3_CODE[s3Code ?? ''] !== 'THROTTLED';
}

function codeOf({ status, s3Code }: Failure, { key }: Attempt): ErrorCode {
  const known = s3Code === undefined ? undefined : Object.hasOwn(BY_S3_CODE, s3Code) ? BY_S3_CODE[s3Code] : undefined;
  if (known !== undefined) return known;
  if (status === undefined) return 'UNAVAILABLE';
  if (status === 404 || status === 405) return absent(s3Code, key);
  if (status === 409 || status === 412) return 'PRECONDITION_FAILED';
  // 416: what is there now is shorter than what was seen.
  if (status === 416) return 'PRECONDITION_FAILED';
  if (status === 401 || status === 403) return 'ACCESS_DENIED';
  if (status === 429) return 'THROTTLED';
  if (status === 413) return 'TOO_LARGE';
  // 507 and its like tell of the store, not of the object; 501 tells of what it never does.
  if (status >= 500 && status !== 501) return 'UNAVAILABLE';
  // Answers to HEAD carry no code.
  if (status === 400 && key !== undefined && isAwkward(key)) return 'KEY_NOT_STORABLE';
  return 'REJECTED';
}

/** Codes of an absent object, version or upload; none comes with HEAD. Any other 404 tells of something else. */
const ABSENCES: ReadonlySet<string | undefined> = new Set([undefined, 'NoSuchKey', 'NoSuchVersion', 'NoSuchUpload', 'MethodNotAllowed']);

function absent(s3Code: string | undefined, key: string | undefined): ErrorCode {
  if (!ABSENCES.has(s3Code)) return 'REJECTED';
  return key === undefined ? 'BUCKET_MISSING' : 'PRECONDITION_FAILED';
}

function sideOf(failure: Failure, attempt: Attempt): 'source' | 'destination' {
  if (failure.s3Code === 'NoSuchUpload') return 'destination';
  if (attempt.destinationCondition !== true) return failure.status === 409 ? 'destination' : attempt.side;
  if (failure.status === 409) return 'destination';
  if (failure.status !== 412) return attempt.side;
  return failure.condition?.toLowerCase().startsWith('x-amz-copy-source') ? 'source' : 'destination';
}

/** True for keys that stores made of files refuse, or that are too long for any. */
function isAwkward(key: string): boolean {
  return namesFoldedAway(key) || Buffer.byteLength(key) > 1024 || key.split('/').some((name) => Buffer.byteLength(name) > 255);
}

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
  readonly Code?: string;
  readonly Condition?: string;
  readonly code?: string;
}

/** Runs a request of the SDK; what it throws is one of Tidemark's errors. */
export async function attempt<T>(what: Attempt, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await act();
  } catch (error) {
    throw fromSdk(error, what, signal);
  }
}

/** @param signal when it has fired, its reason is the error, since that is why the request ended */
export function fromSdk(error: unknown, what: Attempt, signal?: AbortSignal): TidemarkError {
  if (error instanceof TidemarkError) return error;
  if (signal?.aborted) return ended(signal, what);
  if (!(error instanceof Error)) return new TidemarkError('INTERNAL', String(error), { ...what });
  const { $metadata, Code, Condition, code }: SdkError = error;
  const status = $metadata?.httpStatusCode;
  if (status === undefined && neverLeft(error.name, code)) return unanswerable(error, what);
  const s3Code = status === undefined ? code : (Code ?? named(error.name));
  const failure: Failure = {
    message: error.message === 'UnknownError' ? 'no reason was given' : error.message || error.name,
    ...(status !== undefined && { status }),
    ...(s3Code !== undefined && { s3Code }),
    // Some stores send the header twice, which arrives as a list.
    ...($metadata?.requestId !== undefined && { requestId: $metadata.requestId.split(',', 1)[0] ?? '' }),
    ...(Condition !== undefined && { condition: Condition }),
  };
  return toTidemarkError(failure, what, error);
}

function ended(signal: AbortSignal, what: Attempt): TidemarkError {
  if (signal.reason instanceof TidemarkError) return signal.reason;
  return new TidemarkError('UNAVAILABLE', `${what.operation} was ended before it was answered`, { ...what, outcomeUnknown: true }, signal.reason);
}

/** The request never left: no credentials, or a value that no header can carry. */
function unanswerable(error: Error, what: Attempt): TidemarkError {
  const code = error.name === 'CredentialsProviderError' ? 'ACCESS_DENIED' : 'REJECTED';
  return new TidemarkError(code, `${what.operation} could not be sent: ${error.message}`, { ...what }, error);
}

/** Everything else may have come after the request was sent, an answer that is no HTTP too: what came of it is unknown. */
function neverLeft(name: string, code: string | undefined): boolean {
  return (
    name === 'CredentialsProviderError' || (code !== undefined && /^(ERR_INVALID_|ERR_HTTP_INVALID_|ERR_UNESCAPED_|UND_ERR_INVALID_ARG)/.test(code))
  );
}

/** The SDK names the errors of answers without a body itself. */
function named(name: string): string | undefined {
  return name === 'NotFound' || name === 'Unknown' || name === 'Error' || /^\d+$/.test(name) ? undefined : name;
}
