/** S3 servers whose CPU is watched. */
import { createS3Region, type S3RegionOptions } from '../../../lib/adapters/s3/index.ts';
import { type S3Server, type ServerKind, startS3Server } from '../../fixtures/s3-servers.ts';
import { childOnPort, cpuMsOf, difference } from './usage.ts';

export async function withServers<T>(kinds: readonly ServerKind[], use: (servers: readonly S3Server[]) => Promise<T>): Promise<T> {
  const servers: S3Server[] = [];
  try {
    for (const kind of kinds) servers.push(await startS3Server(kind));
    return await use(servers);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

export function optionsOf({ endpoint, region, credentials }: S3Server): S3RegionOptions {
  return { endpoint, region, credentials };
}

/** @returns the CPU in ms that the servers used while `run` ran, and what it returned */
export async function watchingServers<T>(
  servers: readonly S3Server[],
  run: () => Promise<T>,
): Promise<{ readonly value: T; readonly serverCpuMs: number | null }> {
  const pids = servers.map(({ endpoint }) => childOnPort(new URL(endpoint).port));
  const before = pids.map((pid) => (pid === null ? null : cpuMsOf(pid)));
  const value = await run();
  let serverCpuMs: number | null = 0;
  pids.forEach((pid, at) => {
    const used = difference(pid === null ? null : cpuMsOf(pid), before[at] ?? null);
    serverCpuMs = used === null || serverCpuMs === null ? null : serverCpuMs + used;
  });
  return { value, serverCpuMs };
}

/** Connects to a server for as long as `use` runs. */
export async function connected<T>(server: S3Server, use: (region: ReturnType<typeof createS3Region>) => Promise<T>): Promise<T> {
  const region = createS3Region(optionsOf(server));
  try {
    return await use(region);
  } finally {
    region.close();
  }
}
