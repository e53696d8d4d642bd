import type { TidemarkConfig } from './config.ts';

/**
 * Names of the regions that an event's bucket may be. A folder's bucket is its region's name. Buckets of two stores may bear one
 * name, and stores other than AWS name any region in their events, so all of that name are meant: a look too many costs little.
 */
export function regionsOf({ regions }: TidemarkConfig, bucket: string): readonly string[] {
  return Object.values(regions)
    .filter((region) => (region.kind === 'folder' ? region.name : region.bucket) === bucket)
    .map(({ name }) => name);
}
