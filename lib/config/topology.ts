/** Whether regions and routes fit together: no two writers of one key, no circle but a bidirectional pair. Pure. */
import { resolve, sep } from 'node:path';
import { otherSide, SIDES } from '../core/change.ts';
import { destinationKey } from '../core/routes/route.ts';
import { regionOfKey } from './kms-key.ts';

interface RegionShape {
  readonly folder?: string | undefined;
  readonly bucket?: { readonly existing?: string | undefined; readonly create?: string | undefined } | undefined;
  readonly awsRegion?: string | undefined;
  readonly endpoint?: string | undefined;
}

interface RouteShape {
  readonly from: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
  readonly minBytes?: number | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly maxBytes?: number | undefined;
  readonly destinationPrefix?: string | undefined;
  readonly storageClass?: string | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly bidirectional?: { readonly prefer?: string | undefined } | undefined;
}

/** One direction of a route; a bidirectional one has two. */
interface Way {
  readonly route: RouteShape;
  readonly from: string;
  readonly to: string;
}

export interface Topology {
  readonly regions: Readonly<Record<string, RegionShape>>;
  readonly routes: readonly RouteShape[];
}

export interface TopologyProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix: string;
}

/** Of a region or a route: it stands in ids, paths and labels. */
export function isName(text: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(text);
}

export function routeName(route: RouteShape): string {
  return route.name ?? `${route.from}-${route.to}`;
}

export function checkTopology({ regions, routes }: Topology): readonly TopologyProblem[] {
  return [
    ...regionProblems(regions),
    ...routes.flatMap((route, index) => [
      ...endProblems(regions, route, index),
      ...overrideProblems(regions, route, index),
      ...bidirectionalProblems(route, index),
      ...filterProblems(route, index),
    ]),
    ...pairProblems(routes),
    ...circleProblems(routes),
  ];
}

function* regionProblems(regions: Topology['regions']): Generator<TopologyProblem> {
  const names = Object.keys(regions);
  for (const [index, name] of names.entries()) {
    if (!isName(name)) {
      yield { path: ['regions', name], message: 'a name has 1 to 40 lowercase letters, digits and hyphens', fix: 'Rename the region, as "primary".' };
    }
    const same = names.slice(0, index).find((former) => overlap(regions[former], regions[name]));
    if (same !== undefined) {
      yield {
        path: ['regions', name],
        message: `it holds the same objects as region ${JSON.stringify(same)}`,
        fix: 'Give each region a bucket or a folder of its own.',
      };
    }
  }
}

/** One folder inside another would replicate copies of copies. */
function overlap(a: RegionShape | undefined, b: RegionShape | undefined): boolean {
  if (a?.folder !== undefined && b?.folder !== undefined) {
    const [one, other] = [resolve(a.folder) + sep, resolve(b.folder) + sep];
    return one.startsWith(other) || other.startsWith(one);
  }
  const [one, other] = [a?.bucket?.existing ?? a?.bucket?.create, b?.bucket?.existing ?? b?.bucket?.create];
  return one !== undefined && one === other && originOf(a) === originOf(b);
}

function originOf(region: RegionShape | undefined): string {
  return region?.endpoint === undefined ? '' : (URL.parse(region.endpoint)?.origin ?? region.endpoint);
}

function* endProblems(regions: Topology['regions'], route: RouteShape, index: number): Generator<TopologyProblem> {
  for (const end of ['from', 'to'] as const) {
    if (Object.hasOwn(regions, route[end])) continue;
    const known = Object.keys(regions).join(', ') || 'none';
    yield { path: ['routes', index, end], message: `there is no region ${JSON.stringify(route[end])}`, fix: `Name one of the regions: ${known}.` };
  }
  if (route.from === route.to) {
    yield { path: ['routes', index, 'to'], message: 'a route leads to another region than it comes from', fix: 'Name another region.' };
  }
  if (route.name === undefined && routeName(route).length > 40) {
    yield {
      path: ['routes', index, 'name'],
      message: 'the name made of both regions is longer than 40 characters',
      fix: 'Give the route a shorter name.',
    };
  }
}

function* filterProblems({ minBytes = 0, maxBytes = Number.POSITIVE_INFINITY }: RouteShape, index: number): Generator<TopologyProblem> {
  if (minBytes <= maxBytes) return;
  yield { path: ['routes', index, 'maxBytes'], message: 'no object is that small: minBytes is more', fix: 'Give a maxBytes of at least minBytes.' };
}

/** What only a bucket can do, and where its key must lie. */
function* overrideProblems(regions: Topology['regions'], { to, storageClass, kmsKeyArn }: RouteShape, index: number): Generator<TopologyProblem> {
  const destination = Object.hasOwn(regions, to) ? regions[to] : undefined;
  if (destination?.folder !== undefined) {
    for (const [field, value] of Object.entries({ storageClass, kmsKeyArn })) {
      if (value === undefined) continue;
      yield { path: ['routes', index, field], message: 'a folder has none', fix: 'Remove it, or let the route lead to a bucket.' };
    }
    return;
  }
  // What other stores call a region says nothing of where their keys lie.
  if (kmsKeyArn === undefined || destination?.awsRegion === undefined || destination.endpoint !== undefined) return;
  const at = regionOfKey(kmsKeyArn);
  if (at === destination.awsRegion) return;
  yield {
    path: ['routes', index, 'kmsKeyArn'],
    message: `this key lies in ${at}, and the bucket of region ${JSON.stringify(to)} in ${destination.awsRegion}`,
    fix: `Name a key of ${destination.awsRegion}.`,
  };
}

function* bidirectionalProblems(route: RouteShape, index: number): Generator<TopologyProblem> {
  const { from, to, destinationPrefix, bidirectional } = route;
  if (!bidirectional) return;
  if ((destinationPrefix ?? '') !== '') {
    yield {
      path: ['routes', index, 'destinationPrefix'],
      message: 'a bidirectional route has the same keys on both sides',
      fix: 'Remove it, or leave out bidirectional.',
    };
  }
  for (const field of ['minBytes', 'maxBytes', 'tags'] as const) {
    if (route[field] === undefined) continue;
    yield {
      path: ['routes', index, field],
      message: 'a bidirectional route carries every object of its keys',
      fix: 'Remove it, or choose them by prefix and suffix.',
    };
  }
  const { prefer } = bidirectional;
  if (prefer === undefined || prefer === from || prefer === to) return;
  yield {
    path: ['routes', index, 'bidirectional', 'prefer'],
    message: `${JSON.stringify(prefer)} is neither end of this route`,
    fix: `Name ${JSON.stringify(from)} or ${JSON.stringify(to)}, or leave it out: then the newer one wins.`,
  };
}

function* pairProblems(routes: readonly RouteShape[]): Generator<TopologyProblem> {
  for (const [index, route] of routes.entries()) {
    const former = routes.slice(0, index);
    const at = (other: RouteShape): string => `routes[${routes.indexOf(other)}]`;
    const namesake = former.find((other) => routeName(other) === routeName(route));
    const rivals = former.map((other) => ({ other, does: clash(other, route) })).find(({ does }) => does !== null);
    const rival = rivals?.other;
    if (rivals) {
      yield {
        path: ['routes', index, 'prefix'],
        message: `${at(rivals.other)} ${rivals.does}`,
        fix: 'Give both routes prefixes that share no key, or remove one.',
      };
    }
    if (namesake && !(rival && route.name === undefined)) {
      yield {
        path: ['routes', index, 'name'],
        message: `${at(namesake)} has the name ${JSON.stringify(routeName(route))} already`,
        fix: 'Give each route a name of its own.',
      };
    }
  }
}

/** @returns what the first does that the second may not; null where they are no trouble to each other */
function clash(a: RouteShape, b: RouteShape): string | null {
  const shared = waysOf(a).flatMap((one) => waysOf(b).flatMap((other) => (one.to === other.to ? [clashOfWays(one, other)] : [])));
  return shared.find((found) => found !== null) ?? null;
}

/** Of two ways to one destination. */
function clashOfWays(a: Way, b: Way): string | null {
  // Whoever tells of a change names both ends and the key: that must name one route, even where two would write to places of their own.
  if (a.from === b.from && common(prefixOf(a.route), prefixOf(b.route)) !== null) return 'carries keys that this one carries too';
  if (common(writtenBelow(a.route), writtenBelow(b.route)) === null) return null;
  return a.from === b.from ? 'writes keys that this one writes too' : 'writes keys that this one writes too, from another region';
}

function waysOf(route: RouteShape): readonly Way[] {
  const sides = route.bidirectional ? SIDES : (['from'] as const);
  return sides.map((side) => ({ route, from: route[side], to: route[otherSide(side)] }));
}

function* circleProblems(routes: readonly RouteShape[]): Generator<TopologyProblem> {
  for (const [index, route] of routes.entries()) {
    // Told once, at the route that closes the circle.
    const former = routes.slice(0, index);
    const closing = waysOf(route).find((way) => returns(former, way.to, writtenBelow(route), route));
    if (!closing) continue;
    yield {
      path: ['routes', index],
      message: `this route closes a circle back to ${JSON.stringify(closing.to)}`,
      fix: 'Remove one of its routes, or give them prefixes that share no key. Two regions that are both written are one route with bidirectional: true.',
    };
  }
}

/** True when a key below `prefix` that is written at `at` is carried on, through `routes`, to where `goal` carries it again. */
function returns(routes: readonly RouteShape[], at: string, prefix: string, goal: RouteShape): boolean {
  return routes.some((route) => {
    const others = routes.filter((other) => other !== route);
    return waysOf(route).some((way) => {
      const shared = way.from === at ? common(prefix, prefixOf(route)) : null;
      if (shared === null) return false;
      const written = below(route, shared);
      const again = waysOf(goal).some(({ from }) => from === way.to && common(written, prefixOf(goal)) !== null);
      return again || returns(others, way.to, written, goal);
    });
  });
}

function prefixOf(route: RouteShape): string {
  return route.prefix ?? '';
}

/** The prefix of all keys that the route writes at its destination. */
function writtenBelow(route: RouteShape): string {
  return below(route, prefixOf(route));
}

function below({ destinationPrefix = '' }: RouteShape, prefix: string): string {
  return destinationKey({ destinationPrefix }, prefix);
}

/** The prefix of the keys that begin with both; null when there are none. */
function common(a: string, b: string): string | null {
  if (a.startsWith(b)) return a;
  return b.startsWith(a) ? b : null;
}
