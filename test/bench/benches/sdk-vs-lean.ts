import { runBare } from '../support/bare.ts';
import { atLeast, type Bench, medianOf, type Scale } from '../support/result.ts';
import { type Contender, fixed, interleaved, rate, whole } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { fill, requireAll } from '../support/small-objects.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number }>> = {
  small: { objects: 3_000, rounds: 1 },
  full: { objects: 10_000, rounds: 3 },
};

/** A HEAD and a CopyObject. */
const REQUESTS = 2;

export const sdkVsLean: Bench = {
  name: 'sdk-vs-lean',
  run: ({ scale, say }) =>
    withServers(['versitygw'], async ([server]) => {
      if (!server) throw new Error('no server');
      const { objects, rounds } = SIZES[scale];
      const fromBucket = await server.createBucket();
      await connected(server, (region) => fill(region.bucket(fromBucket), objects));
      const contender = (client: 'lean' | 'sdk'): Contender => ({
        name: client,
        run: async () => {
          const toBucket = await server.createBucket();
          const ends = { from: server, fromBucket, to: server, toBucket };
          const { value, serverCpuMs } = await watchingServers([server], () => runBare('head-copy', ends, objects, { client }));
          await connected(server, (region) => requireAll(region.bucket(toBucket), objects, client));
          return { ...value, serverCpuMs };
        },
      });
      const runs = await interleaved([contender('lean'), contender('sdk')], rounds, say);
      const requests = objects * REQUESTS;
      const faster = (rate(runs, 'lean', requests) ?? 0) / (rate(runs, 'sdk', requests) ?? 0);
      const cpu = (client: string): number | null => medianOf(runs[client] ?? [], 'cpuMs');
      const [leanCpu, sdkCpu] = [cpu('lean'), cpu('sdk')];
      return {
        title: 'The lean S3 client beside the SDK’s',
        what: `HEAD and CopyObject of ${objects} objects of 4 KiB, 256 in flight, versitygw on tmpfs, either client in a process of its own; ${rounds} interleaved rounds, medians.`,
        columns: ['client', 'requests/s', 'CPU ms/request', 'server CPU ms/request', 'peak RSS MiB'],
        rows: Object.entries(runs).map(([name, own]) => [
          name,
          whole(rate(runs, name, requests) ?? 0),
          fixed(medianOf(own, 'cpuMs'), 3, requests),
          fixed(medianOf(own, 'serverCpuMs'), 3, requests),
          fixed(medianOf(own, 'peakRssMib'), 0),
        ]),
        goals: [
          atLeast('requests/s, lean / SDK: what the lean path must bring to stay', faster, 1.5),
          atLeast(
            'CPU a request, SDK / lean: what the lean path must bring to stay',
            leanCpu === null || sdkCpu === null ? null : sdkCpu / leanCpu,
            2,
          ),
        ],
        notes: [],
        runs,
        figures: { faster },
      };
    }),
};
