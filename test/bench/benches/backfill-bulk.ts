import { runBackfill } from '../support/backfilled.ts';
import { runBare } from '../support/bare.ts';
import { MC_MIRROR, type Peer, present, RCLONE_DEFAULT, RCLONE_LEAN, runPeer, S5CMD } from '../support/peers.ts';
import { atLeast, type Bench, type Scale } from '../support/result.ts';
import { type Contender, fastest, interleaved, rate, SMALL_COLUMNS, smallRows } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { fill, requireAll } from '../support/small-objects.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number }>> = {
  small: { objects: 4_000, rounds: 1 },
  full: { objects: 20_000, rounds: 3 },
};

const TIDEMARK = 'Tidemark, POST /backfill';
const COPY = 'bare CopyObject';

export const backfillBulk: Bench = {
  name: 'backfill-bulk',
  run: ({ scale, profile, say }) =>
    withServers(['versitygw'], async ([server]) => {
      if (!server) throw new Error('no server');
      const { objects, rounds } = SIZES[scale];
      const fromBucket = await server.createBucket();
      await connected(server, (region) => fill(region.bucket(fromBucket), objects));

      const contender = (name: string, act: (toBucket: string) => ReturnType<typeof runPeer>): Contender => ({
        name,
        run: async () => {
          const toBucket = await server.createBucket();
          const { value, serverCpuMs } = await watchingServers([server], () => act(toBucket));
          await connected(server, (region) => requireAll(region.bucket(toBucket), objects, name));
          return { ...value, serverCpuMs };
        },
      });
      const ends = (toBucket: string) => ({ from: server, fromBucket, to: server, toBucket });
      const peers = present([S5CMD, MC_MIRROR, RCLONE_LEAN, RCLONE_DEFAULT], say);
      const runs = await interleaved(
        [
          contender(TIDEMARK, (toBucket) => runBackfill({ server, bucket: fromBucket }, { server, bucket: toBucket }, objects, profile)),
          contender(COPY, (toBucket) => runBare('copy', ends(toBucket), objects)),
          ...peers.map((peer: Peer) => contender(peer.name, (toBucket) => runPeer(peer, ends(toBucket)))),
        ],
        rounds,
        say,
      );

      const ours = rate(runs, TIDEMARK, objects) ?? 0;
      const best = fastest(
        runs,
        peers.map(({ name }) => name),
        objects,
      );
      const bare = rate(runs, COPY, objects);
      return {
        title: 'Backfill: many small objects that are missing',
        what: `${objects} objects of 4 KiB, one bucket of versitygw on tmpfs to another, empty one of the same server; ${rounds} interleaved rounds, medians. Who copied is checked after each run: every object there, by etag.`,
        columns: SMALL_COLUMNS,
        rows: smallRows(runs, TIDEMARK, objects),
        goals: [
          atLeast(`Tidemark / best peer (${best?.name ?? 'none'})`, best && ours / best.rate, 1.5),
          atLeast(`Tidemark / ${COPY}`, bare && ours / bare, 0.75),
        ],
        notes: [
          'Tidemark is the host as `npm start` runs it, which knows what its stores can do since its start, timed from the request to the last object that is told as done: estimate, plan, listing of both sides, queue, copy, proof, durable record, acknowledgement. Peers are timed with their start. The bare loop knows its keys and etags without listing.',
        ],
        runs,
        figures: { objectsPerSecond: ours },
      };
    }),
};
