/** Which keys a backfill, a comparison or a repair is asked for. */
import * as z from 'zod';
import { type FieldProblem, rule } from '../../lib/config/field-problems.ts';
import { MAX_KEY_BYTES } from '../../lib/core/objects/key.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { Runtime } from '../shared/runtime.ts';
import { routesBetween } from './fields.ts';

export const prefix = rule(
  z.string(),
  (text) => text.isWellFormed() && !text.includes('\0') && Buffer.byteLength(text, 'utf8') <= MAX_KEY_BYTES,
  'a prefix is the beginning of a key',
  'Give 1,024 bytes of UTF-8 at most, without NUL.',
).meta({ maxLength: MAX_KEY_BYTES, description: 'Only keys that begin with it.' });

/** @returns the one route that carries keys with this prefix, and which of them it carries */
export function scopeOf(
  runtime: Runtime,
  ends: { readonly srcRegion: string; readonly dstRegion: string },
  asked: string,
): { readonly route: Route; readonly prefix: string } | FieldProblem {
  const between = routesBetween(runtime, ends);
  if ('field' in between) return between;
  const fitting = between.filter((route) => route.prefix.startsWith(asked) || asked.startsWith(route.prefix));
  const [route, other] = fitting;
  const named = (routes: readonly Route[]): string => routes.map((each) => JSON.stringify(each.prefix)).join(' or ');
  if (!route) {
    return { field: 'prefix', message: 'no route carries keys that begin with it', fix: `Routes between them carry ${named(between)}.` };
  }
  if (other) return { field: 'prefix', message: 'several routes carry keys that begin with it', fix: `Give the prefix of one: ${named(fitting)}.` };
  return { route, prefix: asked.startsWith(route.prefix) ? asked : route.prefix };
}
