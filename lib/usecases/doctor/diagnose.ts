/** The doctor (A17): looks at all that replication stands on, breaks nothing, and says what to do. */
import type { Route } from '../../core/routes/route.ts';
import type { DiagnosedEndpoint, DiagnosedQueue, DiagnosedRegion, Role } from '../../ports/diagnosis.ts';
import type { Capabilities } from '../../ports/objects.ts';
import type { Clock } from '../../ports/system.ts';
import { checkBucket } from './bucket.ts';
import { checkClock } from './clock.ts';
import { checkEncryption } from './encryption.ts';
import { checkEndpoint } from './endpoint.ts';
import { chartOf, type Finding } from './finding.ts';
import { checkNotifications, type Listener } from './notifications.ts';
import { checkPermissions } from './permissions.ts';
import { checkQueue } from './queues.ts';
import { checkVersioning } from './versioning.ts';

export interface DoctorDeps {
  readonly routes: readonly Route[];
  readonly regions: ReadonlyMap<string, DiagnosedRegion>;
  readonly queues: readonly DiagnosedQueue[];
  /** Who must be told of the region's changes; null where nobody knows. */
  readonly listener: (region: string) => Listener | null;
  readonly clock: Clock;
}

/** @returns what was found, region by region; never throws: what cannot be looked at is what is wrong */
export async function diagnose(deps: DoctorDeps): Promise<readonly Finding[]> {
  const regions = await Promise.all([...deps.regions].map(([name, region]) => regionFindings(deps, name, region)));
  return [...regions.flat(), ...(await Promise.all(deps.queues.map(checkQueue)))];
}

/** In an order in which what fails first explains the rest, so that one cause is one finding. */
async function regionFindings(deps: DoctorDeps, name: string, region: DiagnosedRegion): Promise<readonly Finding[]> {
  const { endpoint } = region;
  // A wrong clock is why requests are refused, and can be read from a refusal, too.
  const clock = endpoint ? await seen('clock', name, async () => [await checkClock(name, endpoint, deps.clock)]) : [];
  const bucket = await checkBucket(name, region);
  const skewed = clock.filter(({ code }) => code === 'CLOCK_SKEW');
  if (endpoint === null || bucket.level !== 'ok') return skewed.length > 0 ? skewed : [bucket];
  const roles = rolesOf(name, deps.routes);
  const permissions = await seen('permissions', name, () => checkPermissions(name, endpoint, roles));
  const allowed = permissions.every(({ level }) => level === 'ok');
  const rest = allowed ? await capable(deps, name, endpoint) : [];
  return [bucket, ...clock, ...permissions, ...rest];
}

function rolesOf(name: string, routes: readonly Route[]): readonly Role[] {
  const roles = routes.flatMap(({ from, to, bidirectional }): readonly Role[] => {
    if (bidirectional && (from === name || to === name)) return ['source', 'destination'];
    return from === name ? ['source'] : to === name ? ['destination'] : [];
  });
  return [...new Set(roles)];
}

/** What is worth looking at once everything is allowed. */
async function capable({ routes, listener }: DoctorDeps, name: string, endpoint: DiagnosedEndpoint): Promise<readonly Finding[]> {
  const starting = routes.filter((route) => route.from === name || (route.bidirectional && route.to === name));
  const hears = starting.length > 0 ? listener(name) : null;
  const encrypting = routes.filter(({ to, kmsKeyArn }) => to === name && kmsKeyArn !== undefined);
  const parts = await Promise.all([
    seen('endpoint', name, async () => capabilityFindings(name, await endpoint.capabilities())),
    hears === null ? [] : seen('notifications', name, () => checkNotifications(name, endpoint, starting, hears)),
    Promise.all(encrypting.map((route) => checkEncryption(route, endpoint))),
  ]);
  return parts.flat();
}

function capabilityFindings(name: string, capabilities: Capabilities): readonly Finding[] {
  return [checkVersioning(name, capabilities), ...checkEndpoint(name, capabilities)];
}

async function seen(check: string, name: string, look: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [chartOf(check, `region ${name}`).unseen(error)];
  }
}
