import { EXIT, NoAnswerError } from '../exit.ts';

/** Longer than any answer of the API may take: API Gateway itself gives up after 30 s. */
const ANSWER_MS = 35_000;

/** A request that ends in an answer or in words. @param fix what to do when nothing answers */
export async function ask(url: URL, init: RequestInit, fix: string): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'TimeoutError') {
      throw new NoAnswerError(
        `${url.origin} did not answer within ${ANSWER_MS / 1000} seconds. Look at its log, then try again.`,
        EXIT.failed,
        error,
      );
    }
    throw new NoAnswerError(`nothing answers at ${url.origin} (${reasonOf(error)}). ${fix}`, EXIT.failed, error);
  }
}

/** What `fetch failed` hides. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return causeOf(cause instanceof Error ? cause : error);
}

/** Of an error of a connection: its code where it has one. */
export function causeOf(error: unknown): string {
  if (error instanceof AggregateError) return causeOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
