import type { Premises } from '../core/backfill/estimate.ts';
import type { Route } from '../core/routes/route.ts';
import type { RegionConfig, TidemarkConfig } from './config.ts';

/** What of a route's work AWS charges for. Bytes that leave AWS altogether are counted as those that leave for another region of it. */
export function premisesOf({ regions }: TidemarkConfig, onAws: boolean): (route: Route) => Omit<Premises, 'mode'> {
  return ({ from, to }) => {
    const [source, destination] = [awsRegionOf(regions[from]), awsRegionOf(regions[to])];
    return { onAws, paidSource: source !== null, paidDestination: destination !== null, leaves: source !== null && source !== destination };
  };
}

/** @returns null for what is not on AWS */
function awsRegionOf(region: RegionConfig | undefined): string | null {
  return region?.kind === 's3' && region.endpoint === undefined ? region.awsRegion : null;
}
