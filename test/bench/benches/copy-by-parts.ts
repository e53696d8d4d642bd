import { type S3Bucket, serverSideLink } from '../../../lib/adapters/s3/index.ts';
import type { ServerSideCopy, UploadPart } from '../../../lib/ports/objects.ts';
import { rangesOf } from '../../../lib/usecases/copy-parts.ts';
import type { ServerKind } from '../../fixtures/s3-servers.ts';
import { findTool } from '../../fixtures/s3-servers.ts';
import { putLarge } from '../support/large-object.ts';
import { type Bench, medianOf, type Run, type Scale } from '../support/result.ts';
import { type Contender, fixed, interleaved, type Runs } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';

const MIB = 1024 ** 2;
const SIZES: Readonly<Record<Scale, { readonly mib: readonly number[]; readonly rounds: number }>> = {
  small: { mib: [32, 64], rounds: 2 },
  full: { mib: [32, 64, 128, 512], rounds: 5 },
};
const SERVERS: readonly ServerKind[] = ['versitygw', 'minio'];
/** As the use-case keeps in flight. */
const PARTS_IN_FLIGHT = 8;

export const copyByParts: Bench = {
  name: 'copy-by-parts',
  run: async ({ scale, say }) => {
    const { mib, rounds } = SIZES[scale];
    const all: Record<string, readonly Run[]> = {};
    for (const kind of SERVERS) {
      if (findTool(kind) === null) say(`  SKIPPED: no ${kind}`);
      else Object.assign(all, await measure(kind, mib, rounds, say));
    }
    const pairs = SERVERS.flatMap((kind) =>
      mib.map((size) => ({ kind, size, whole: all[nameOf(kind, size, 'one request')], parts: all[nameOf(kind, size, 'by parts')] })),
    );
    return {
      title: 'One server-side request, or parts',
      what: `One object at a time, copied within one server by one CopyObject, and by UploadPartCopy of 16 MiB each, ${PARTS_IN_FLIGHT} at a time; ${rounds} interleaved rounds, medians.`,
      columns: ['server, size', 'one request, ms', 'by parts, ms', 'one request / by parts'],
      rows: pairs.flatMap(({ kind, size, whole, parts }) => {
        const [one, many] = [whole && medianOf(whole, 'seconds'), parts && medianOf(parts, 'seconds')];
        if (!one || !many) return [];
        return [[`${kind}, ${size} MiB`, fixed(one * 1000, 0), fixed(many * 1000, 0), `${(one / many).toFixed(2)}x`]];
      }),
      goals: [],
      notes: ['Tidemark copies by parts from 64 MiB on (docs/adr/0003-parts-from-64-mib.md).'],
      runs: all,
      figures: {},
    };
  },
};

function nameOf(kind: ServerKind, mib: number, how: 'one request' | 'by parts'): string {
  return `${kind} ${mib} MiB ${how}`;
}

function measure(kind: ServerKind, sizes: readonly number[], rounds: number, say: (line: string) => void): Promise<Runs> {
  return withServers([kind], async ([server]) => {
    if (!server) throw new Error('no server');
    return connected(server, async (region) => {
      const source = region.bucket(await server.createBucket());
      const destination = region.bucket(await server.createBucket());
      const serverSide = serverSideLink(source, destination);
      if (!serverSide) throw new Error('one server, but no one credential');
      const contenders: Contender[] = [];
      for (const size of sizes) {
        const key = `${size}-mib`;
        const request = { sourceKey: key, key, sight: await putLarge(source, key, size * MIB) };
        const timed = (how: 'one request' | 'by parts', copy: () => Promise<unknown>): Contender => ({
          name: nameOf(kind, size, how),
          run: async () => {
            await destination.remove(key);
            const started = performance.now();
            const { serverCpuMs } = await watchingServers([server], copy);
            const seconds = (performance.now() - started) / 1000;
            await requireSize(destination, key, size * MIB);
            return { seconds, cpuMs: null, serverCpuMs, peakRssMib: null };
          },
        });
        contenders.push(timed('one request', () => serverSide.copy(request)));
        contenders.push(timed('by parts', () => byParts(serverSide, request)));
      }
      return interleaved(contenders, rounds, say);
    });
  });
}

/** The requests of lib/usecases/copy-parts.ts, without its lease. */
async function byParts(serverSide: ServerSideCopy, request: Parameters<ServerSideCopy['startUpload']>[0]): Promise<void> {
  const { uploadId } = await serverSide.startUpload(request);
  const ranges = rangesOf(request.sight.size);
  const copied: UploadPart[] = [];
  const next = async (): Promise<void> => {
    for (let range = ranges.shift(); range !== undefined; range = ranges.shift())
      copied.push(await serverSide.copyPart(request, uploadId, range.number, range));
  };
  await Promise.all(Array.from({ length: PARTS_IN_FLIGHT }, next));
  await serverSide.completeUpload(
    request,
    uploadId,
    copied.toSorted((a, b) => a.number - b.number),
  );
}

async function requireSize(bucket: S3Bucket, key: string, size: number): Promise<void> {
  const seen = await bucket.head(key);
  if (!seen.present || seen.sight.size !== size) throw new Error(`${key} was not copied`);
}
