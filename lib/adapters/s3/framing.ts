import { TidemarkError } from '../../core/errors.ts';
import { PROBE_PREFIX } from '../../core/routes/route.ts';
import type { Framing, Place, S3Calls } from './calls.ts';
import { BYTES, LIKE } from './probe-object.ts';

const WRONG = { algorithm: 'CRC32', value: 'AAAAAA==', type: 'FULL_OBJECT' } as const;

/**
 * How bodies can be passed on to a store, found out by trying with tiny objects: a store that refuses a body for its wrong trailer has waited
 * for it, so that nothing can come of a body which breaks off.
 * @returns undefined where they cannot
 * @throws TidemarkError THROTTLED or UNAVAILABLE: nothing was learnt
 */
export async function findFraming(bucket: string, id: string, calls: S3Calls): Promise<Framing | undefined> {
  for (const framing of ['named', 'unnamed'] as const) {
    const written = (name: string, like: typeof LIKE): Promise<boolean> =>
      isKept({ bucket, key: `${PROBE_PREFIX}${id}/${framing}-${name}` }, framing, like, calls);
    if ((await written('trailer', LIKE)) && !(await written('wrong-trailer', { ...LIKE, checksum: WRONG }))) return framing;
  }
  return undefined;
}

/** @returns false for what the store refuses, or keeps otherwise than it was sent */
async function isKept(at: Place, framing: Framing, like: typeof LIKE, calls: S3Calls): Promise<boolean> {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield BYTES;
  }
  try {
    if (!calls.pass) return false;
    await calls.pass(at, { body: body(), size: BYTES.length, framing, like });
    const seen = await calls.head(at);
    return seen.found && seen.sight.size === BYTES.length && seen.sight.headers.contentEncoding === undefined;
  } catch (error) {
    if (!(error instanceof TidemarkError) || error.code === 'THROTTLED' || (error.code === 'UNAVAILABLE' && error.fields.status !== 501)) throw error;
    return false;
  } finally {
    // Best effort, and safe to fail: nobody reads under the prefix.
    await calls.remove(at).catch(() => undefined);
  }
}
