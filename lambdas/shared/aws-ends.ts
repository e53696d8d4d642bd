/** The buckets that a function on AWS reaches, all by its role: the store itself copies between any two of them. */
import { createS3Region, type Overrides, type S3Bucket, S3GatewayStore, type S3Region, serverSideLink } from '../../lib/adapters/s3/index.ts';
import type { S3RegionConfig, TidemarkConfig } from '../../lib/config/config.ts';
import { type Environment, variable } from '../../lib/config/variable.ts';
import { TidemarkError } from '../../lib/core/errors.ts';
import type { GatewayStore } from '../../lib/ports/gateway-store.ts';
import type { Findings } from '../../lib/ports/objects.ts';
import type { RouteEnds } from '../../lib/usecases/link-once.ts';

/** Server-side copies of large parts take long. */
const MAX_REQUEST_MS = 60_000;

export interface AwsEnds extends RouteEnds {
  /** @throws TidemarkError INVALID_CONFIG for a name that is no region */
  gatewayStore(region: string): GatewayStore;
}

/** @throws TidemarkError INVALID_CONFIG for a region that is not on AWS */
export function awsEnds({ regions, limits }: TidemarkConfig, env: Environment, findings: Findings): AwsEnds {
  const connections = new Map<string, S3Region>();
  const buckets = new Map<string, (overrides?: Overrides) => S3Bucket>();
  // The SDK's own variables, by which a VPC endpoint or an emulator is named. Its client reads them, and so must the lean one.
  const endpoint = variable(env, 'AWS_ENDPOINT_URL_S3') ?? variable(env, 'AWS_ENDPOINT_URL');
  // A store that does not answer must be given up while the function still has time to write that down: where its time limit ends it,
  // no record tells why, and its whole batch waits for the visibility timeout.
  const requestTimeoutMs = Math.min(MAX_REQUEST_MS, limits.lookSec * 1000);
  for (const region of Object.values(regions)) {
    const { awsRegion, bucket } = onAws(region);
    const options = { region: awsRegion, requestTimeoutMs, findings, ...(endpoint === undefined ? {} : { endpoint }) };
    const connection = connections.get(awsRegion) ?? createS3Region(options);
    connections.set(awsRegion, connection);
    buckets.set(region.name, (overrides) => connection.bucket(bucket, overrides));
  }
  const bucketOf = (name: string, overrides?: Overrides): S3Bucket => {
    const bucket = buckets.get(name);
    if (bucket) return bucket(overrides);
    throw new TidemarkError('INVALID_CONFIG', `there is no region ${name}; there are ${[...buckets.keys()].join(', ')}`, { region: name });
  };
  return {
    store: (name) => bucketOf(name),
    gatewayStore: (name) => new S3GatewayStore(bucketOf(name)),
    destination: (route) => bucketOf(route.to, route),
    serverSide: (route) => serverSideLink(bucketOf(route.from), bucketOf(route.to, route)),
  };
}

function onAws(region: TidemarkConfig['regions'][string]): S3RegionConfig {
  if (region.kind === 's3' && region.endpoint === undefined) return region;
  throw new TidemarkError('INVALID_CONFIG', `region ${region.name} is not on AWS: its routes run on the embedded host`, { region: region.name });
}
