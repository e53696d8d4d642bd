/** What several endpoints ask of a field. */
import * as z from 'zod';
import type { FieldProblem } from '../../lib/config/field-problems.ts';
import { keyProblem, MAX_KEY_BYTES } from '../../lib/core/objects/key.ts';
import { inScope, type Route, sourceSide } from '../../lib/core/routes/route.ts';
import { RequestError } from '../shared/problem.ts';
import type { Runtime } from '../shared/runtime.ts';

export const key = z
  .string()
  .superRefine((text, context) => {
    const problem = keyProblem(text);
    if (problem)
      context.addIssue({ code: 'custom', message: problem, params: { fix: 'Give the key as it stands in the bucket: 1 to 1,024 bytes of UTF-8.' } });
  })
  .meta({ minLength: 1, maxLength: MAX_KEY_BYTES, description: '1 to 1,024 bytes of UTF-8, as it stands in the bucket.' });

/** What stands in the documentation in place of a schema that lets everything pass. */
export const DOCUMENTED_AS = new WeakMap<object, z.ZodType>();

/** Anything, checked by itself later, so that a bad one leaves its neighbours alone. @param as what the documentation says of it */
export function checkedLater(as: z.ZodType): z.ZodType<unknown> {
  const anything = z.unknown();
  DOCUMENTED_AS.set(anything, as);
  return anything;
}

/** A whole number in a query, where everything is a text. */
export function wholeNumber(min: number, max: number, description: string): z.ZodType<number | undefined> {
  const shape = min < 0 ? /^-?\d{1,15}$/ : /^\d{1,15}$/;
  return z
    .optional(z.string())
    .refine((text) => text === undefined || (shape.test(text) && Number(text) >= min && Number(text) <= max), {
      error: `expected a whole number from ${min} to ${max}`,
      params: { fix: `Give a whole number from ${min} to ${max}.` },
    })
    .transform((text) => (text === undefined ? undefined : Number(text)))
    .meta({ type: 'integer', minimum: min, maximum: max, description });
}

/** @throws RequestError 404 that names the routes there are */
export function routeNamed({ routes }: Pick<Runtime, 'routes'>, wanted: string): Route {
  const route = routes.find(({ name }) => name === wanted);
  if (route) return route;
  const error = { field: 'route', message: 'there is no such route', fix: `Name one of: ${routes.map(({ name }) => name).join(', ')}.` };
  throw new RequestError(404, `route: ${error.message}`, [error]);
}

/** @returns the route from one region to the other that carries the key (a bidirectional one either way round), or what stands against it */
export function routeFor(
  { config, routes }: Pick<Runtime, 'config' | 'routes'>,
  ends: { srcRegion: string; dstRegion: string },
  key: string,
): Route | FieldProblem {
  const between = routesBetween({ config, routes }, ends);
  if ('field' in between) return between;
  const route = between.find((each) => inScope(each, key));
  if (route) return route;
  const endings = (suffix: readonly string[]): string => ` and end in ${suffix.map((end) => JSON.stringify(end)).join(' or ')}`;
  const carried = between.map(({ prefix, suffix }) => JSON.stringify(prefix) + (suffix ? endings(suffix) : '')).join(', or with ');
  return {
    field: 'key',
    message: `the route from ${ends.srcRegion} to ${ends.dstRegion} does not carry this key`,
    fix: `It carries keys that begin with ${carried}.`,
  };
}

/** @returns at least one, or what stands against it */
export function routesBetween(
  { config, routes }: Pick<Runtime, 'config' | 'routes'>,
  ends: { srcRegion: string; dstRegion: string },
): readonly Route[] | FieldProblem {
  for (const field of ['srcRegion', 'dstRegion'] as const) {
    const problem = regionProblem(config.regions, field, ends[field]);
    if (problem) return problem;
  }
  const between = routes.filter((route) => sourceSide(route, ends) !== null);
  if (between.length > 0) return between;
  const known = routes.map(({ from, to, bidirectional }) => `${from} to ${to}${bidirectional ? ' and back' : ''}`).join(', ');
  return { field: 'dstRegion', message: `there is no route from ${ends.srcRegion} to ${ends.dstRegion}`, fix: `Routes lead from ${known}.` };
}

function regionProblem(regions: Runtime['config']['regions'], field: 'srcRegion' | 'dstRegion', name: string): FieldProblem | null {
  if (Object.hasOwn(regions, name)) return null;
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return { field, message: `there is no region ${JSON.stringify(shown)}`, fix: `Name one of the regions: ${Object.keys(regions).join(', ')}.` };
}
