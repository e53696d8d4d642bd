import { runBare } from '../support/bare.ts';
import { MC_MIRROR, type Peer, present, RCLONE_DEFAULT, RCLONE_LEAN, runPeer, S5CMD } from '../support/peers.ts';
import { atLeast, type Bench, type Scale } from '../support/result.ts';
import { type Contender, fastest, interleaved, rate, SMALL_COLUMNS, smallRows } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { etagOf, fill, keyOf, OBJECT_BYTES, requireAll } from '../support/small-objects.ts';
import { putEvent, runWholePath } from '../support/whole-path.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number }>> = {
  small: { objects: 4_000, rounds: 1 },
  full: { objects: 20_000, rounds: 3 },
};

export const TIDEMARK = 'Tidemark, whole path';
const HEAD_COPY = 'bare HEAD + CopyObject';
const COPY = 'bare CopyObject';

export const smallServerSide: Bench = {
  name: 'small-server-side',
  run: ({ scale, profile, say }) =>
    withServers(['versitygw'], async ([server]) => {
      if (!server) throw new Error('no server');
      const { objects, rounds } = SIZES[scale];
      const fromBucket = await server.createBucket();
      await connected(server, (region) => fill(region.bucket(fromBucket), objects));
      const events = Array.from({ length: objects }, (_, index) => putEvent(fromBucket, keyOf(index), etagOf(keyOf(index)), OBJECT_BYTES, index));

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
          contender(TIDEMARK, (toBucket) => runWholePath({ server, bucket: fromBucket }, { server, bucket: toBucket }, events, profile)),
          contender(HEAD_COPY, (toBucket) => runBare('head-copy', ends(toBucket), objects)),
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
      const bare = rate(runs, HEAD_COPY, objects);
      const toPeer = best && ours / best.rate;
      const toBare = bare && ours / bare;
      const peerName = `Tidemark / best peer (${best?.name ?? 'none'})`;
      return {
        title: 'Many small objects, copied by the server',
        what: `${objects} objects of 4 KiB, one bucket of versitygw on tmpfs to another of the same server; all events in the queue at the start; ${rounds} interleaved rounds, medians. Who copied is checked after each run: every object there, by etag.`,
        columns: SMALL_COLUMNS,
        rows: smallRows(runs, TIDEMARK, objects),
        goals: [
          atLeast(`Tidemark / ${HEAD_COPY}`, toBare, 0.7),
          atLeast(`Tidemark / ${HEAD_COPY}, as the issue asks`, toBare, 0.75),
          atLeast(`${peerName}, as the issue asks`, toPeer, 1.2),
        ],
        notes: [
          'Peers list the source instead of reading events, and are timed with their start; Tidemark is timed from the first message taken, probing of the bucket included. Its CPU and memory are those of its own process.',
        ],
        runs,
        figures: { objectsPerSecond: ours },
      };
    }),
};
