/** Whether regions and routes fit together: no two writers of one key, no circle. Pure. */
import { resolve, sep } from 'node:path';

interface RegionShape {
  readonly folder?: string | undefined;
  readonly bucket?: { readonly existing?: string | undefined; readonly create?: string | undefined } | undefined;
  readonly endpoint?: string | undefined;
}

interface RouteShape {
  readonly from: string;
  readonly to: string;
  readonly name?: string | undefined;
  readonly prefix?: string | undefined;
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
    ...routes.flatMap((route, index) => [...endProblems(regions, route, index)]),
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

function* pairProblems(routes: readonly RouteShape[]): Generator<TopologyProblem> {
  for (const [index, route] of routes.entries()) {
    const former = routes.slice(0, index);
    const at = (other: RouteShape): string => `routes[${routes.indexOf(other)}]`;
    const namesake = former.find((other) => routeName(other) === routeName(route));
    const rival = former.find((other) => other.to === route.to && common(prefixOf(other), prefixOf(route)) !== null);
    if (rival) {
      const why = rival.from === route.from ? 'carries keys that this one carries too' : 'writes keys that this one writes too, from another region';
      yield { path: ['routes', index, 'prefix'], message: `${at(rival)} ${why}`, fix: 'Give both routes prefixes that share no key, or remove one.' };
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

function* circleProblems(routes: readonly RouteShape[]): Generator<TopologyProblem> {
  for (const [index, route] of routes.entries()) {
    // Told once, at the route that closes the circle.
    if (!returns(routes.slice(0, index), route.to, route.from, prefixOf(route))) continue;
    const message = `this route closes a circle back to ${JSON.stringify(route.to)}`;
    yield {
      path: ['routes', index],
      message,
      fix: 'Remove one of its routes, or give them prefixes that share no key: bidirectional replication comes with a later version.',
    };
  }
}

/** True when a key of `prefix` that is written at `at` is carried on to `goal`. */
function returns(routes: readonly RouteShape[], at: string, goal: string, prefix: string): boolean {
  if (at === goal) return true;
  return routes.some((route) => {
    const shared = route.from === at ? common(prefix, prefixOf(route)) : null;
    const others = routes.filter((other) => other !== route);
    return shared !== null && returns(others, route.to, goal, shared);
  });
}

function prefixOf(route: RouteShape): string {
  return route.prefix ?? '';
}

/** The prefix of the keys that begin with both; null when there are none. */
function common(a: string, b: string): string | null {
  if (a.startsWith(b)) return a;
  return b.startsWith(a) ? b : null;
}
