/** Reads under conditions, which are judged here on what the store shows; the bytes are then those of exactly that state. */

import { PreconditionFailedError } from '../../core/errors.ts';
import { judgeRead, type ReadConditions, rangeStands } from '../../core/gateway/conditions.ts';
import { type ByteRange, parseRange, resolveRange } from '../../core/gateway/range.ts';
import type { Observation, Sight } from '../../core/objects/sight.ts';
import type { NotServed, ReadOptions, ServedBody, ServedObject } from '../../ports/gateway-store.ts';
import type { Body } from '../../ports/objects.ts';

/** An object that is replaced between the look and the read is looked at again. */
const MAX_LOOKS = 5;

export interface Pin {
  readonly etag: string;
  readonly range?: ByteRange;
}

/** @param read throws PreconditionFailedError where the object is not as pinned */
export async function judgedRead(
  key: string,
  options: ReadOptions,
  look: () => Promise<Observation>,
  read: (pin: Pin) => Promise<{ readonly sight: Sight; readonly body: Body }>,
): Promise<ServedBody | NotServed> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const found = judged(await look(), options);
    if (found.kind !== 'object') return found;
    const { part } = found;
    try {
      const { body } = await read({ etag: found.sight.etag, ...(part && { range: part }) });
      return { ...found, body };
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error;
    }
  }
  throw new PreconditionFailedError('source', key);
}

/** What a look amounts to for who asks under these conditions, and for this range. */
export function judged(seen: Observation, options: ReadOptions): ServedObject | NotServed {
  if (!seen.present) return { kind: 'absent' };
  const { sight } = seen;
  const verdict = judgeRead(options, sight);
  if (verdict === 'preconditionFailed') return { kind: verdict };
  if (verdict === 'notModified') return { kind: verdict, sight };
  const asked = rangeStands(options, sight) ? parseRange(options.range) : null;
  const part = asked === null ? 'whole' : resolveRange(asked, sight.size);
  if (part === 'unsatisfiable') return { kind: 'rangeNotSatisfiable', sight };
  return part === 'whole' ? { kind: 'object', sight } : { kind: 'object', sight: withoutChecksum(sight), part };
}

/** A part does not hash to what the whole does. */
function withoutChecksum({ checksum: _checksum, ...sight }: Sight): Sight {
  return sight;
}

export function hasConditions({ ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange }: ReadConditions): boolean {
  return [ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange].some((header) => header !== undefined);
}
