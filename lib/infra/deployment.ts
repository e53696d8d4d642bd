/** Which part of the configuration each stack on AWS serves. Pure. */
import type { GatewayConfig, S3RegionConfig, TidemarkConfig } from '../config/config.ts';
import { TidemarkError } from '../core/errors.ts';
import type { Route } from '../core/routes/route.ts';

export interface RegionDeployment {
  readonly region: S3RegionConfig;
  /** Those that start in it; none: it is a destination alone. */
  readonly routes: readonly Route[];
  /** Bidirectional ones that end in it: its users write, too, and the stack where the route starts hears of that. */
  readonly returning: readonly Route[];
  /** What its functions need to know: its routes and the regions that they lead between. */
  readonly config: TidemarkConfig;
  /** Where it is one of the gateway's two regions. */
  readonly gateway?: GatewayDeployment;
}

/** A gateway's part in one of its two regions. */
export interface GatewayDeployment {
  readonly here: S3RegionConfig;
  readonly route: Route;
  /** True: the route starts here, so that records and queues lie here. */
  readonly isHome: boolean;
  /** With the gateway, its route and its two regions. */
  readonly config: TidemarkConfig & { readonly gateway: GatewayConfig };
}

/**
 * One deployment for each region on AWS. A route that starts elsewhere is the embedded host's.
 * @throws TidemarkError INVALID_CONFIG when there is none, or a route leads from AWS to elsewhere
 */
export function deploymentsOf(config: TidemarkConfig): readonly RegionDeployment[] {
  const regions = Object.values(config.regions).filter(isOnAws);
  if (regions.length === 0) {
    throw new TidemarkError('INVALID_CONFIG', 'regions: none is on AWS. Give one as { bucket: { create: "name" }, awsRegion: "eu-west-1" }.');
  }
  const names = new Set(regions.map(({ name }) => name));
  const { gateway: _gateway, ...rest } = config;
  return regions.map((region) => {
    const routes = config.routes.filter(({ from }) => from === region.name);
    const astray = routes.find(({ to }) => !names.has(to));
    if (astray) {
      const message = `routes: ${astray.name} leads from AWS to ${astray.to}, which is not on AWS. Let the embedded host carry it.`;
      throw new TidemarkError('INVALID_CONFIG', message, { route: astray.name });
    }
    const ends = new Set(routes.flatMap(({ from, to }) => [from, to]));
    const named = Object.entries(config.regions).filter(([name]) => ends.has(name));
    const returning = config.routes.filter(({ from, to, bidirectional }) => bidirectional && to === region.name && names.has(from));
    const gateway = gatewayIn(config, region);
    return { region, routes, returning, config: { ...rest, regions: Object.fromEntries(named), routes }, ...(gateway ? { gateway } : {}) };
  });
}

/** @returns null for a gateway that the embedded host serves, too */
function gatewayIn({ gateway, ...config }: TidemarkConfig, here: S3RegionConfig): GatewayDeployment | null {
  if (!gateway) return null;
  const { route } = gateway;
  const ends = [route.from, route.to].flatMap((name) => Object.values(config.regions).filter((region) => region.name === name && isOnAws(region)));
  if (ends.length < 2 || !ends.includes(here)) return null;
  const regions = Object.fromEntries(ends.map((end) => [end.name, end]));
  return { here, route, isHome: here.name === route.from, config: { ...config, regions, routes: [route], gateway } };
}

function isOnAws(region: TidemarkConfig['regions'][string]): region is S3RegionConfig {
  return region.kind === 's3' && region.endpoint === undefined;
}
