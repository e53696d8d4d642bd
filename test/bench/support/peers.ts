/** The tools that we are compared with: where they are, and how each copies from one bucket to another. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, type S3Server } from '../../fixtures/s3-servers.ts';
import type { Run } from './result.ts';
import { cpuMsOfEndedChildren, difference, peakRssMibOf } from './usage.ts';

export type ToolName = 's5cmd' | 'mc' | 'rclone' | 'versitygw' | 'minio';

const VERSION_ARGS: Readonly<Record<ToolName, readonly string[]>> = {
  s5cmd: ['version'],
  mc: ['--version'],
  rclone: ['version'],
  versitygw: ['--version'],
  minio: ['--version'],
};

export function versionOf(name: ToolName): string {
  const path = findTool(name);
  if (path === null) return 'not here: skipped';
  const { stdout } = spawnSync(path, VERSION_ARGS[name], { encoding: 'utf8' });
  // Further lines name the compiler and the licence, with versions of their own.
  return /\bv?\d+\.\d+[\w.+-]*/.exec(stdout.split('\n', 1)[0] ?? '')?.[0] ?? 'of unnamed version';
}

export interface Copying {
  readonly from: S3Server;
  readonly fromBucket: string;
  readonly to: S3Server;
  readonly toBucket: string;
  /** One object alone; absent: all of the bucket. */
  readonly key?: string;
}

export interface Peer {
  readonly name: string;
  readonly tool: ToolName;
  command(copying: Copying): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

export const S5CMD: Peer = {
  name: 's5cmd cp',
  tool: 's5cmd',
  command: ({ from, fromBucket, toBucket }) => ({
    args: ['--endpoint-url', from.endpoint, '--numworkers', '256', '--log', 'error', 'cp', `s3://${fromBucket}/*`, `s3://${toBucket}/`],
    env: { AWS_ACCESS_KEY_ID: from.credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: from.credentials.secretAccessKey, AWS_REGION: from.region },
  }),
};

/** One alias where both buckets are of one server: then the server copies by itself. */
function mc(name: string, what: (from: string, to: string) => readonly string[]): Peer {
  return {
    name,
    tool: 'mc',
    command: ({ from, fromBucket, to, toBucket, key }) => {
      const path = key === undefined ? '' : `/${key}`;
      const args = what(`from/${fromBucket}${path}`, `${to === from ? 'from' : 'to'}/${toBucket}${path}`);
      const env = { MC_HOST_from: mcHost(from), MC_HOST_to: mcHost(to) };
      return { args: ['--config-dir', join(tmpdir(), 'tidemark-bench-mc'), ...args], env };
    },
  };
}

export const MC_MIRROR: Peer = mc('mc mirror', (from, to) => ['mirror', '--quiet', from, to]);
export const MC_CP: Peer = mc('mc cp', (from, to) => ['cp', '--quiet', from, to]);

function mcHost({ endpoint, credentials }: S3Server): string {
  return endpoint.replace('http://', `http://${credentials.accessKeyId}:${credentials.secretAccessKey}@`);
}

function rclone(name: string, flags: readonly string[]): Peer {
  return {
    name,
    tool: 'rclone',
    command: (copying) => {
      const { fromBucket, toBucket, key } = copying;
      const to = copying.to === copying.from ? 'from' : 'to';
      const what =
        key === undefined ? ['copy', `from:${fromBucket}`, `${to}:${toBucket}`] : ['copyto', `from:${fromBucket}/${key}`, `${to}:${toBucket}/${key}`];
      return { args: ['--config', '', ...what, ...flags], env: { ...rcloneRemote('FROM', copying.from), ...rcloneRemote('TO', copying.to) } };
    },
  };
}

/** Compares sizes and hashes as both listings tell them. */
export const RCLONE_SYNC_CHECKSUM: Peer = {
  name: 'rclone sync --checksum, nothing to do',
  tool: 'rclone',
  command: ({ from, fromBucket, to, toBucket }) => ({
    args: [
      '--config',
      '',
      'sync',
      '--checksum',
      `from:${fromBucket}`,
      `${to === from ? 'from' : 'to'}:${toBucket}`,
      '--checkers',
      '64',
      '--fast-list',
    ],
    env: { ...rcloneRemote('FROM', from), ...rcloneRemote('TO', to) },
  }),
};

function rcloneRemote(name: string, { endpoint, region, credentials }: S3Server): Readonly<Record<string, string>> {
  const values = {
    TYPE: 's3',
    PROVIDER: 'Other',
    ENDPOINT: endpoint,
    REGION: region,
    ACCESS_KEY_ID: credentials.accessKeyId,
    SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return Object.fromEntries(Object.entries(values).map(([field, value]) => [`RCLONE_CONFIG_${name}_${field}`, value]));
}

/** Each look that a copy into an empty bucket can do without is left out. */
const LEAN = ['--s3-no-check-bucket', '--s3-no-head', '--no-check-dest', '--use-server-modtime', '--no-update-modtime', '--ignore-checksum'];
export const RCLONE_LEAN: Peer = rclone('rclone copy, lean', ['--transfers', '64', '--checkers', '64', ...LEAN]);
export const RCLONE_DEFAULT: Peer = rclone('rclone copy, 64 transfers', ['--transfers', '64', '--checkers', '64']);
export const RCLONE_LARGE: Peer = rclone('rclone copyto, lean', [
  '--s3-upload-concurrency',
  '8',
  '--s3-chunk-size',
  '16M',
  '--multi-thread-streams',
  '8',
  ...LEAN,
]);
export const RCLONE_LARGE_DEFAULT: Peer = rclone('rclone copyto', []);

/** @returns those that are here; says which are not */
export function present(peers: readonly Peer[], say: (line: string) => void): readonly Peer[] {
  return peers.filter(({ name, tool }) => {
    const found = findTool(tool) !== null;
    if (!found) say(`  SKIPPED: ${name}: no ${tool} on PATH, in TIDEMARK_TOOLS or in .tools/bin`);
    return found;
  });
}

const SAMPLE_MS = 50;

/** @throws Error with what it printed when it fails */
export async function runPeer(peer: Peer, copying: Copying): Promise<Omit<Run, 'serverCpuMs'>> {
  const { args, env } = peer.command(copying);
  const cpu = cpuMsOfEndedChildren();
  const started = performance.now();
  const child = spawn(findTool(peer.tool) ?? peer.tool, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...env },
  });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-2_000);
  });
  let peakRssMib: number | null = null;
  const sampling = setInterval(() => {
    peakRssMib = (child.pid === undefined ? null : peakRssMibOf(child.pid)) ?? peakRssMib;
  }, SAMPLE_MS);
  try {
    const [code] = await once(child, 'exit');
    const seconds = (performance.now() - started) / 1000;
    if (code !== 0) throw new Error(`${peer.name} ended with ${code}: ${printed}`);
    return { seconds, cpuMs: difference(cpuMsOfEndedChildren(), cpu), peakRssMib };
  } finally {
    clearInterval(sampling);
  }
}
