/** The tiny object that trials write. */
import { createHash } from 'node:crypto';
import type { Sight } from '../../core/objects/sight.ts';
import type { Condition, Written } from '../../ports/objects.ts';
import type { Place, S3Calls } from './calls.ts';

export const BYTES = Buffer.from('x');
export const MD5 = createHash('md5').update(BYTES).digest('base64');
export const LIKE: Sight = { etag: '', size: BYTES.length, lastModified: 0, headers: {}, metadata: {} };

export function put(at: Place, calls: S3Calls, condition?: Condition, like: Sight = LIKE): Promise<Written> {
  return calls.put(at, { bytes: BYTES, md5: MD5, like, condition });
}
