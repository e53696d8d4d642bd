/** A bucket as the doctor sees it. */
import type { Route } from '../../core/routes/route.ts';
import type { DiagnosedRegion } from '../../ports/diagnosis.ts';
import { findDenials } from './denials.ts';
import { endpointTime } from './endpoint-time.ts';
import type { S3Region } from './index.ts';
import { readNotifications } from './notifications.ts';

export function diagnosedBucket(region: S3Region, name: string): DiagnosedRegion {
  const bucket = region.bucket(name);
  const { client } = bucket.connection;
  return {
    check: () => bucket.check(),
    endpoint: {
      capabilities: () => bucket.capabilities(),
      denials: (role) => findDenials(client, name, role),
      // Finding out what can be done with the route's key begins with writing with it.
      encrypt: async (route: Route) => void (await region.bucket(name, route).capabilities()),
      time: () => endpointTime(client, name),
      notifications: () => readNotifications(client, name),
    },
  };
}
