/** Writes a body in one request while it comes: nothing of it is held, and its checksum, which follows it, makes the object visible. */
import { TidemarkError } from '../../core/errors.ts';
import type { WriteOptions, Written } from '../../ports/objects.ts';
import type { Framing, Place, S3Calls } from './calls.ts';

/**
 * The end of the request goes out after the body has ended well and `beforeCommit` has agreed. Without it the request is never whole, and the
 * store keeps nothing of it.
 * @throws what the body or beforeCommit throws
 */
export async function passOn(
  at: Place,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: Pick<WriteOptions, 'size' | 'like' | 'signal' | 'beforeCommit'> & { readonly framing: Framing },
  pass: NonNullable<S3Calls['pass']>,
): Promise<Written> {
  const { size, like, framing, signal, beforeCommit } = options;
  let failure: { readonly error: unknown } | undefined;
  let agreed = false;
  async function* asked(): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
      signal?.throwIfAborted();
      beforeCommit?.();
      agreed = true;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    return await pass(at, { body: asked(), size, framing, like, signal });
  } catch (error) {
    if (failure) throw failure.error;
    throw agreed || !(error instanceof TidemarkError) ? error : withoutTrace(error);
  }
}

/** Whatever became of the request: the store was never sent the whole object. */
function withoutTrace(error: TidemarkError): TidemarkError {
  if (!error.outcomeUnknown) return error;
  const { outcomeUnknown: _known, ...fields } = error.fields;
  return new TidemarkError(error.code, error.message, fields, error.cause);
}
