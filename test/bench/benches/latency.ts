import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { measureLatency } from '../support/latency.ts';
import { percentile } from '../support/percentile.ts';
import { type Bench, type BenchOptions, below, type Scale } from '../support/result.ts';
import { whole } from '../support/rounds.ts';
import { connected, withServers } from '../support/servers.ts';
import { requireAll } from '../support/small-objects.ts';
import { smallServerSide } from './small-server-side.ts';

const SECONDS: Readonly<Record<Scale, number>> = { small: 10, full: 30 };
const WARM_UP_MS = 2_000;
const SHARES = [0.5, 0.9, 0.99, 0.999, 1] as const;
const GOAL_MS = 1_000;

export const latency: Bench = {
  name: 'latency',
  run: (options) =>
    withServers(['versitygw'], async ([server]) => {
      if (!server) throw new Error('no server');
      const peak = await peakRate(options);
      const perSecond = peak / 2;
      const objects = Math.round(perSecond * SECONDS[options.scale]);
      const [from, to] = [await server.createBucket(), await server.createBucket()];
      const { all, warm } = await connected(server, async (region) => {
        const measured = await measureLatency({ server, bucket: from }, { server, bucket: to }, region.bucket(from), {
          objects,
          perSecond,
          warmUpMs: WARM_UP_MS,
          profile: options.profile,
        });
        await requireAll(region.bucket(to), objects, 'Tidemark');
        return measured;
      });
      const row = (name: string, sorted: readonly number[]): readonly string[] => [
        name,
        whole(sorted.length),
        ...SHARES.map((share) => percentile(sorted, share).toFixed(1)),
      ];
      return {
        title: 'From a write to its equal copy',
        what: `${objects} objects of 4 KiB put at ${whole(perSecond)}/s, half of the peak of small-server-side (${whole(peak)}/s), in an open loop: each latency counts from the moment its write was due to the moment its record is durable, PUT and event included; a HEAD at the destination shows the copy by then. The writer, another process on the same cores, hands the event to the queue as S3 hands it to SQS.`,
        columns: ['ms', 'objects', 'p50', 'p90', 'p99', 'p99.9', 'max'],
        rows: [row(`after the first ${WARM_UP_MS / 1000} s`, warm), row('all, cold start included', all)],
        goals: [below('p99', percentile(warm, 0.99), GOAL_MS, 'ms')],
        notes: [],
        runs: {},
        figures: { p50Ms: percentile(warm, 0.5), p99Ms: percentile(warm, 0.99) },
      };
    }),
};

/** Of the newest run of small-server-side at the same scale; measured now where there is none. Objects per second. */
async function peakRate(options: BenchOptions): Promise<number> {
  const known = lastPeak(options.scale);
  if (known !== null) return known;
  options.say('  no run of small-server-side is at hand: measuring the peak first');
  return (await smallServerSide.run({ ...options, profile: false })).figures.objectsPerSecond ?? 0;
}

function lastPeak(scale: Scale): number | null {
  try {
    const path = join(import.meta.dirname, `../../../data/bench/${smallServerSide.name}.json`);
    const last: { readonly scale: Scale; readonly figures: { readonly objectsPerSecond: number } } = JSON.parse(readFileSync(path, 'utf8'));
    return last.scale === scale ? last.figures.objectsPerSecond : null;
  } catch {
    return null;
  }
}
