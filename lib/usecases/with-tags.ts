import { PreconditionFailedError } from '../core/errors.ts';
import type { Sight } from '../core/objects/sight.ts';
import type { Link } from '../ports/objects.ts';

/**
 * Tags come neither with HEAD nor with the bytes: asked for where there may be some.
 * A change of them that comes later sends an event of its own.
 * @throws PreconditionFailedError when the source is no longer the one that was observed
 */
export async function withTags({ source, tags }: Pick<Link, 'source' | 'tags'>, key: string, observed: Sight): Promise<Sight> {
  if (observed.tags !== undefined || !tags) return observed;
  if (observed.tagCount === 0) return { ...observed, tags: {} };
  const again = await source.head(key, { tags: true });
  if (!again.present || again.sight.etag !== observed.etag) throw new PreconditionFailedError('source', key);
  return again.sight;
}
