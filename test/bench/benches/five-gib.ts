/** Section 5.1: one byte more than S3 takes in one request, through the embedded host, both ways between a folder and an S3 server. */
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineTidemark, type TidemarkInput } from '../../../lib/config/define.ts';
import type { S3Server } from '../../fixtures/s3-servers.ts';
import { runHost } from '../support/host.ts';
import { bytesOf, putLarge, sha256At, sha256Of, sha256Through } from '../support/large-object.ts';
import { type Bench, type BenchOptions, below, type Run, type Scale } from '../support/result.ts';
import { fixed } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { KEY_VARIABLES, keysFor } from '../support/whole-path.ts';

const BYTES: Readonly<Record<Scale, number>> = { small: 256 * 1024 ** 2 + 1, full: 5 * 1024 ** 3 + 1 };
const KEY = 'large.bin';
const WITHIN_MS = 900_000;
const MB = 1e6;

type Regions = TidemarkInput['regions'];

export const fiveGib: Bench = {
  name: 'five-gib',
  onlyByName: true,
  run: async (options) => {
    const size = BYTES[options.scale];
    const sha256 = sha256Of(size);
    const runs = {
      'folder to S3': [await inFolder((folder) => toS3(folder, size, sha256, options))],
      'S3 to folder': [await inFolder((folder) => toFolder(folder, size, sha256, options))],
    };
    return {
      title: '5 GiB and one byte, through the embedded host',
      what: `${size} bytes between a folder on the disk and versitygw on tmpfs, by the host as \`npm start\` runs it, in a process of its own; the bytes are compared by SHA-256 at the end.`,
      columns: ['', 'seconds', 'MB/s', 'CPU s', 'peak RSS MiB of the process'],
      rows: Object.entries(runs).map(([name, [run]]) => [
        name,
        fixed(run?.seconds ?? null, 1),
        fixed(run ? size / MB / run.seconds : null, 0),
        fixed(run?.cpuMs ?? null, 1, 1000),
        fixed(run?.peakRssMib ?? null, 0),
      ]),
      goals: Object.entries(runs).map(([name, [run]]) => below(`peak RSS, ${name}`, run?.peakRssMib ?? null, 256, 'MiB')),
      notes: [],
      runs,
      figures: {},
    };
  },
};

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function s3Region({ endpoint, region }: S3Server, bucket: string): Regions[string] {
  return { bucket: { existing: bucket }, awsRegion: region, endpoint, credentials: KEY_VARIABLES };
}

function jobOf(
  folder: string,
  primary: Regions[string],
  secondary: Regions[string],
): { readonly config: ReturnType<typeof defineTidemark>; readonly databaseUrl: string } {
  const config = defineTidemark({ regions: { primary, secondary }, routes: [{ from: 'primary', to: 'secondary' }] });
  return { config, databaseUrl: join(folder, 'tidemark.db') };
}

/** A file that a person drops into the folder while the host runs. */
function toS3(folder: string, size: number, sha256: string, { profile }: BenchOptions): Promise<Run> {
  return withServers(['versitygw'], async ([server]) => {
    if (!server) throw new Error('no server');
    const bucket = await server.createBucket();
    const region = join(folder, 'region');
    const ready = join(folder, 'ready');
    await mkdir(region);
    await writeFile(ready, bytesOf(size));
    const { value, serverCpuMs } = await connected(server, (connection) =>
      watchingServers([server], () =>
        runHost(jobOf(folder, { folder: region }, s3Region(server, bucket)), {
          env: keysFor(server),
          profile,
          withinMs: WITHIN_MS,
          cause: () => rename(ready, join(region, KEY)),
          isDone: async () => (await connection.bucket(bucket).head(KEY)).present,
        }),
      ),
    );
    if ((await sha256At(server, bucket, KEY)) !== sha256) throw new Error('other bytes arrived in the bucket');
    return { ...value, serverCpuMs };
  });
}

/** An object that was there before: found by the comparison at start. */
function toFolder(folder: string, size: number, sha256: string, { profile }: BenchOptions): Promise<Run> {
  return withServers(['versitygw'], async ([server]) => {
    if (!server) throw new Error('no server');
    const bucket = await server.createBucket();
    const region = join(folder, 'region');
    const arrived = join(region, KEY);
    await connected(server, (connection) => putLarge(connection.bucket(bucket), KEY, size));
    const { value, serverCpuMs } = await watchingServers([server], () =>
      runHost(jobOf(folder, s3Region(server, bucket), { folder: region }), {
        env: keysFor(server),
        profile,
        withinMs: WITHIN_MS,
        cause: async () => undefined,
        isDone: async () => (await sizeOf(arrived)) === size,
      }),
    );
    if ((await sha256Through(createReadStream(arrived))) !== sha256) throw new Error('other bytes arrived in the folder');
    return { ...value, serverCpuMs };
  });
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch {
    return null;
  }
}
