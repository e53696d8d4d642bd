import { TidemarkError } from '../../core/errors.ts';
import { PROBE_PREFIX } from '../../core/routes/route.ts';
import type { Place, S3Calls } from './calls.ts';
import { BYTES, LIKE } from './probe-object.ts';

const WRONG = { algorithm: 'CRC32', value: 'AAAAAA==', type: 'FULL_OBJECT' } as const;

/**
 * Found out by trying, with two tiny objects: a store that refuses a body for its wrong trailer has waited for it, so that nothing can come of
 * a body which breaks off.
 * @throws TidemarkError THROTTLED or UNAVAILABLE: nothing was learnt
 */
export async function holdsTrailers(bucket: string, id: string, calls: S3Calls): Promise<boolean> {
  const { pass } = calls;
  if (!pass) return false;
  const at = (name: string): Place => ({ bucket, key: `${PROBE_PREFIX}${id}/${name}` });
  async function* body(): AsyncGenerator<Uint8Array> {
    yield BYTES;
  }
  const written = async (name: string, like: typeof LIKE): Promise<boolean> => {
    try {
      await pass.call(calls, at(name), { body: body(), size: BYTES.length, like });
      const seen = await calls.head(at(name));
      return seen.found && seen.sight.size === BYTES.length && seen.sight.headers.contentEncoding === undefined;
    } catch (error) {
      if (!(error instanceof TidemarkError) || error.code === 'THROTTLED' || (error.code === 'UNAVAILABLE' && error.fields.status !== 501))
        throw error;
      return false;
    } finally {
      // Best effort, and safe to fail: nobody reads under the prefix.
      await calls.remove(at(name)).catch(() => undefined);
    }
  };
  return (await written('trailer', LIKE)) && !(await written('wrong-trailer', { ...LIKE, checksum: WRONG }));
}
