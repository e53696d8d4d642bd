/** Who stands between a client and its regions: a gateway, or as little as can, in a process of its own that is watched from outside. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTidemark } from '../../../lib/config/define.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';
import { bareTarget, gatewayTarget, type Target } from './http-load.ts';
import { KEY_VARIABLES, keysFor } from './whole-path.ts';
import { nextAnswer, startWorker } from './worker.ts';

export interface BenchGateway {
  readonly target: Target;
  readonly pid: number;
}

export interface GatewayOptions {
  /** The process replicates what is written meanwhile, as `npm start` does; else it is a gateway alone. */
  readonly replicates: boolean;
  readonly profile: boolean;
}

/** A process that signs, and passes on what comes, to one server. */
export function withBareProxy<T>(server: S3Server, bucket: string, use: (proxy: BenchGateway) => Promise<T>): Promise<T> {
  return withChild(startWorker('bare-proxy', bareTarget(server, bucket)), use);
}

/** For as long as `use` runs. The first region is the active one. */
export async function withGateway<T>(
  regions: readonly { readonly server: S3Server; readonly bucket: string }[],
  { replicates, profile }: GatewayOptions,
  use: (gateway: BenchGateway) => Promise<T>,
): Promise<T> {
  const [primary, secondary] = regions.map(({ server, bucket }) => ({
    bucket: { existing: bucket },
    awsRegion: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: KEY_VARIABLES,
  }));
  const [first] = regions;
  if (!primary || !secondary || !first) throw new Error('two regions');
  const config = defineTidemark({
    regions: { primary, secondary },
    routes: [{ from: 'primary', to: 'secondary', bidirectional: true }],
    gateway: {},
  });
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const job = { config, databaseUrl: join(folder, 'tidemark.db'), gatewayAlone: !replicates };
    return await withChild(startWorker('host', job, { profile, env: keysFor(first.server) }), use);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withChild<T>(child: ChildProcess, use: (gateway: BenchGateway) => Promise<T>): Promise<T> {
  const ended = once(child, 'exit');
  try {
    return await use({ target: gatewayTarget(await nextAnswer<string>(child)), pid: child.pid ?? 0 });
  } finally {
    if (child.exitCode === null) child.send('stop');
    await ended;
  }
}
