/** The stores behind the configured regions, each made once. */
import { FolderBucket } from '../adapters/filesystem/bucket.ts';
import { FolderGatewayStore } from '../adapters/filesystem/gateway-store.ts';
import type { Overrides, S3Bucket, S3Region, S3RegionOptions } from '../adapters/s3/index.ts';
import type { RegionConfig, S3RegionConfig, TidemarkConfig } from '../config/config.ts';
import { type Environment, variable } from '../config/variable.ts';
import { TidemarkError } from '../core/errors.ts';
import type { GatewayStore } from '../ports/gateway-store.ts';
import type { RegionStore } from '../ports/objects.ts';
import type { Clock } from '../ports/system.ts';
import type { RouteEnds } from '../usecases/link-once.ts';

export interface Regions extends RouteEnds {
  /** Those that can be watched. */
  readonly folders: ReadonlyMap<string, FolderBucket>;
  /** @throws TidemarkError INVALID_CONFIG for a name that is no region */
  gatewayStore(region: string): GatewayStore;
  close(): void;
}

type S3Adapter = typeof import('../adapters/s3/index.ts');

/** @throws TidemarkError INVALID_CONFIG where an environment variable that the configuration names is not set */
export async function openRegions(config: TidemarkConfig, env: Environment, clock: Clock): Promise<Regions> {
  const folders = new Map<string, FolderBucket>();
  const buckets = new Map<string, (overrides?: Overrides) => S3Bucket>();
  const connections: S3Region[] = [];
  let s3: S3Adapter | null = null;
  for (const region of Object.values(config.regions)) {
    if (region.kind === 'folder') {
      folders.set(region.name, new FolderBucket(region.path, { clock }));
      continue;
    }
    // Loaded only where it is used: the SDK takes longer to load than everything else together.
    s3 ??= await import('../adapters/s3/index.ts');
    const connection = s3.createS3Region(connectionOf(region, env));
    connections.push(connection);
    buckets.set(region.name, (overrides) => connection.bucket(region.bucket, overrides));
  }
  const storeOf = (name: string, overrides?: Overrides): RegionStore =>
    folders.get(name) ?? buckets.get(name)?.(overrides) ?? unknownRegion(name, config.regions);
  const gatewayStoreOf = (name: string): GatewayStore => {
    const folder = folders.get(name);
    if (folder) return new FolderGatewayStore(folder);
    const bucket = buckets.get(name)?.();
    return s3 && bucket ? new s3.S3GatewayStore(bucket) : unknownRegion(name, config.regions);
  };
  return {
    folders,
    store: (name) => storeOf(name),
    gatewayStore: gatewayStoreOf,
    destination: (route) => storeOf(route.to, route),
    serverSide: (route) => {
      const source = buckets.get(route.from)?.();
      const destination = buckets.get(route.to)?.(route);
      return s3 && source && destination ? s3.serverSideLink(source, destination) : null;
    },
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

/** @throws TidemarkError INVALID_CONFIG where a variable that it takes its credential from is not set: `fields.entry` */
export function connectionOf({ name, awsRegion, endpoint, forcePathStyle, credentials }: S3RegionConfig, env: Environment): S3RegionOptions {
  const read = (entry: string): string => {
    const value = variable(env, entry);
    if (value !== undefined) return value;
    throw new TidemarkError('INVALID_CONFIG', `${entry}: not set, but region ${name} takes its credentials from it`, { region: name, entry });
  };
  return {
    region: awsRegion,
    pathStyle: forcePathStyle,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials ? { credentials: { accessKeyId: read(credentials.accessKeyEnv), secretAccessKey: read(credentials.secretKeyEnv) } } : {}),
  };
}

function unknownRegion(name: string, regions: Readonly<Record<string, RegionConfig>>): never {
  throw new TidemarkError('INVALID_CONFIG', `there is no region ${name}; there are ${Object.keys(regions).join(', ')}`, { region: name });
}
