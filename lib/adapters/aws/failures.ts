/** Whatever a request to an AWS service can end in, as one of Tidemark's errors. S3 has its own table. */
import { type ErrorCode, TidemarkError } from '../../core/errors.ts';

const THROTTLES: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'KmsThrottled',
  'OverLimit',
]);
const DENIALS: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'KmsAccessDenied',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);
/** It heals when someone makes the table or queue, without anyone touching an object. */
const ABSENCES: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);
/** Never sent, so surely not carried out. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'CredentialsProviderError']);

interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
}

/** How often the request was sent: more than once means that an earlier one may have been carried out without an answer. */
export function attemptsOf(error: unknown): number {
  return error instanceof Error ? ((error as SdkError).$metadata?.attempts ?? 1) : 1;
}

/** @param what the request and its resource, as people know them: `UpdateItem on table tidemark` */
export function asAwsFailure(error: unknown, what: string): TidemarkError {
  if (error instanceof TidemarkError) return error;
  if (!(error instanceof Error)) return new TidemarkError('INTERNAL', `${what}: ${String(error)}`);
  const { name, message, code, $metadata }: SdkError = error;
  const status = $metadata?.httpStatusCode;
  const fields = { what, status, service: name, requestId: $metadata?.requestId, ...(isUnknown(name, code, status) ? { outcomeUnknown: true } : {}) };
  return new TidemarkError(codeOf(name, status), `${what}: ${message || name}`, fields, error);
}

function codeOf(name: string, status: number | undefined): ErrorCode {
  if (THROTTLES.has(name) || status === 429) return 'THROTTLED';
  if (DENIALS.has(name) || status === 403) return 'ACCESS_DENIED';
  if (ABSENCES.has(name) || status === undefined || status >= 500) return 'UNAVAILABLE';
  return 'REJECTED';
}

function isUnknown(name: string, code: string | undefined, status: number | undefined): boolean {
  if (THROTTLES.has(name)) return false;
  return status === undefined ? !NEVER_SENT.has(code ?? name) : status >= 500;
}
