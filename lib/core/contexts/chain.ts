/** The hierarchy of streams: each has at most one above it, its context. */
import { TidemarkError } from '../errors.ts';

/** By stream, the one above it. */
export type Parents = ReadonlyMap<string, string>;

/** Streams between one and its root, itself not counted. */
export const MAX_ANCESTORS = 16;

/**
 * The streams that an event of this one bubbles to, the nearest first.
 * @throws TidemarkError INVALID_INPUT for a circle, or for more than MAX_ANCESTORS, with the path
 */
export function ancestorsOf(parents: Parents, stream: string): readonly string[] {
  const path = [stream];
  for (let above = parents.get(stream); above !== undefined; above = parents.get(above)) {
    path.push(above);
    if (path.indexOf(above) < path.length - 1) throw wrong(path, 'goes in a circle: events would never come to a root');
    if (path.length > MAX_ANCESTORS + 1) throw wrong(path, `is longer than ${MAX_ANCESTORS}: take some contexts out`);
  }
  return path.slice(1);
}

/**
 * With one more stream below a context.
 * @throws TidemarkError INVALID_INPUT where it has another context already, or as `ancestorsOf`
 */
export function withContext(parents: Parents, stream: string, context: string): Parents {
  const given = parents.get(stream);
  if (given === context) return parents;
  if (given !== undefined) {
    throw new TidemarkError('INVALID_INPUT', `context: ${stream} lies below ${given}; events that went there would be missing above ${context}`, {
      field: 'context',
      stream,
    });
  }
  const next = new Map(parents).set(stream, context);
  ancestorsOf(next, stream);
  // Those below it grow longer chains, too.
  for (const below of parents.keys()) ancestorsOf(next, below);
  return next;
}

function wrong(path: readonly string[], how: string): TidemarkError {
  const shown = path.join(' → ');
  return new TidemarkError('INVALID_INPUT', `context: ${shown} ${how}`, { field: 'context', path: shown });
}
