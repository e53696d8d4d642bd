/** Writes a body in one request while it comes: no part of it is held but the last piece, which makes the object visible. */
import { TidemarkError } from '../../core/errors.ts';
import type { WriteOptions, Written } from '../../ports/objects.ts';
import type { Place, S3Calls } from './calls.ts';

/**
 * The last piece goes out after the body has ended well and `beforeCommit` has agreed. Without it the request is never whole, and the store
 * keeps nothing of it.
 * @throws what the body or beforeCommit throws
 */
export async function passOn(
  at: Place,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: Pick<WriteOptions, 'size' | 'like' | 'signal' | 'beforeCommit'>,
  pass: NonNullable<S3Calls['pass']>,
): Promise<Written> {
  const { size, like, signal, beforeCommit } = options;
  let failure: { readonly error: unknown } | undefined;
  let wholeSent = false;
  async function* held(): AsyncGenerator<Uint8Array> {
    let last: Uint8Array | undefined;
    try {
      for await (const chunk of body) {
        if (chunk.byteLength === 0) continue;
        if (last) yield last;
        last = chunk;
      }
      signal?.throwIfAborted();
      beforeCommit?.();
    } catch (error) {
      failure = { error };
      throw error;
    }
    wholeSent = true;
    if (last) yield last;
  }
  try {
    return await pass(at, { body: held(), size, like, signal });
  } catch (error) {
    if (failure) throw failure.error;
    throw wholeSent || !(error instanceof TidemarkError) ? error : withoutTrace(error);
  }
}

/** Whatever became of the request: the store was never sent the whole object. */
function withoutTrace(error: TidemarkError): TidemarkError {
  if (!error.outcomeUnknown) return error;
  const { outcomeUnknown: _known, ...fields } = error.fields;
  return new TidemarkError(error.code, error.message, fields, error.cause);
}
