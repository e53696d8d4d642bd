/** Looks at both sides of a key where listings and record cannot tell: at what HEAD says, or at every byte. */
import { createHash } from 'node:crypto';
import { asTidemarkError, PreconditionFailedError } from '../../core/errors.ts';
import type { ReplicationRecord } from '../../core/objects/record.ts';
import type { Sight } from '../../core/objects/sight.ts';
import { filteredOut, type Route } from '../../core/routes/route.ts';
import type { Held } from '../../core/verify/difference.ts';
import { judgeRead, judgeSeen, REASONS, type Sides, type Verdict } from '../../core/verify/judge.ts';
import type { Link, ObjectReader } from '../../ports/objects.ts';

export interface Looked {
  /** As seen now. */
  readonly sides: Sides;
  readonly verdict: Verdict;
  /** It changed while it was looked at. */
  readonly moved?: true;
}

export interface LookTerms {
  readonly deep: boolean;
  /** Larger objects are not read, bytes. */
  readonly deepMost: number;
  readonly signal?: AbortSignal;
}

type Pairing = { readonly route: Route; readonly link: Link };

/** @throws TidemarkError where an endpoint as a whole is in trouble; what is wrong with the one key is its verdict */
export async function lookAtBoth({ route, link }: Pairing, key: string, record: ReplicationRecord | undefined, terms: LookTerms): Promise<Looked> {
  try {
    const [source, destination] = await Promise.all([link.source.head(key, { tags: route.tags !== undefined }), link.destination.head(key)]);
    if (source.present && filteredOut(route, source.sight) !== null) return { sides: { key }, verdict: { is: 'ignored' } };
    const sides = sidesOf(key, source.present ? source.sight : undefined, destination.present ? destination.sight : undefined);
    const verdict = judgeSeen(route, key, source, destination, record);
    const readable = source.present && destination.present && source.sight.size === destination.sight.size;
    return terms.deep && readable ? await readBoth({ route, link }, sides, terms) : { sides, verdict };
  } catch (error) {
    return { sides: { key }, verdict: unknownBecause(error) };
  }
}

/** Reads every byte of both, pinned to what was seen of them, both at once and held nowhere. */
export async function readBoth({ link }: Pairing, sides: Sides, terms: LookTerms): Promise<Looked> {
  const { key, source, destination } = sides;
  if (!source || !destination) return { sides, verdict: { is: 'open' } };
  if (source.size > terms.deepMost) {
    return {
      sides,
      verdict: { is: 'unknown', reason: `it is larger than the ${terms.deepMost} bytes that can be read here: compare it from an embedded host` },
    };
  }
  try {
    const [ours, theirs] = await Promise.all([
      digestOf(link.source, key, source, terms.signal),
      digestOf(link.destination, key, destination, terms.signal),
    ]);
    return { sides, verdict: judgeRead(ours.sight, theirs.sight, ours.digest === theirs.digest) };
  } catch (error) {
    if (error instanceof PreconditionFailedError) return { sides, verdict: { is: 'unknown', reason: REASONS.restless }, moved: true };
    return { sides, verdict: unknownBecause(error) };
  }
}

async function digestOf(
  reader: ObjectReader,
  key: string,
  { etag }: Held,
  signal?: AbortSignal,
): Promise<{ readonly sight: Sight; readonly digest: string }> {
  const { sight, body } = await reader.read(key, { etag }, signal);
  const hash = createHash('sha256');
  if (body instanceof Uint8Array) hash.update(body);
  else for await (const chunk of body) hash.update(chunk);
  return { sight, digest: hash.digest('hex') };
}

function sidesOf(key: string, source: Sight | undefined, destination: Sight | undefined): Sides {
  return { key, ...(source ? { source } : {}), ...(destination ? { destination } : {}) };
}

/** One key that cannot be looked at is no reason to stop; an endpoint that is in trouble heals without anyone. */
function unknownBecause(thrown: unknown): Verdict {
  const error = asTidemarkError(thrown);
  if (error.patience === 'patient' || error.code === 'INTERNAL') throw error;
  if (error.code === 'ARCHIVED') return { is: 'unknown', reason: REASONS.archived };
  return { is: 'unknown', reason: error.message };
}
