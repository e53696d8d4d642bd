/** Where on AWS the parts of a gateway lie that its two regions share. Names that follow from the configuration: no stack may refer to another region's. */
import { TidemarkError } from '../core/errors.ts';
import type { GatewayConfig, S3RegionConfig, TidemarkConfig } from './config.ts';
import { stackName } from './stack-name.ts';

type Configured = Pick<TidemarkConfig, 'name' | 'regions'> & { readonly gateway: GatewayConfig };

/** As no region may be called where there is a gateway. */
export const CONTROL = 'control';

/** Where the control record and the audit trail lie. */
export function controlPlace(config: Configured): { readonly awsRegion: string; readonly stack: string; readonly tableName: string } {
  const { route, controlRegion } = config.gateway;
  const stack = stackName(config, CONTROL);
  return { awsRegion: controlRegion ?? regionOnAws(config, route.from).awsRegion, stack, tableName: stack };
}

/** The region whose stack keeps the signed heads of audit trails: another one than that of the trail, where there is one. */
export function headsRegion(config: Configured): S3RegionConfig {
  const { from, to } = config.gateway.route;
  const { awsRegion } = controlPlace(config);
  const ends = [regionOnAws(config, to), regionOnAws(config, from)] as const;
  return ends.find((end) => end.awsRegion !== awsRegion) ?? ends[1];
}

/** @throws TidemarkError INVALID_CONFIG for a region that is not on AWS */
export function regionOnAws({ regions }: Pick<TidemarkConfig, 'regions'>, name: string): S3RegionConfig {
  const region = regions[name];
  if (region?.kind === 's3' && region.endpoint === undefined) return region;
  throw new TidemarkError('INVALID_CONFIG', `gateway.route: region ${name} is not on AWS. Let the embedded host serve this gateway.`, {
    region: name,
  });
}
