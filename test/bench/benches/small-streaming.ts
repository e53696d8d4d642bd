import { runBare } from '../support/bare.ts';
import { present, RCLONE_DEFAULT, RCLONE_LEAN, runPeer } from '../support/peers.ts';
import { atLeast, type Bench, type Scale } from '../support/result.ts';
import { type Contender, fastest, interleaved, rate, SMALL_COLUMNS, smallRows } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { etagOf, fill, keyOf, OBJECT_BYTES, requireAll } from '../support/small-objects.ts';
import { putEvent, runWholePath } from '../support/whole-path.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number }>> = {
  small: { objects: 4_000, rounds: 1 },
  full: { objects: 20_000, rounds: 3 },
};

const TIDEMARK = 'Tidemark, whole path';
const BARE = 'bare HEAD + GET + PUT';

export const smallStreaming: Bench = {
  name: 'small-streaming',
  run: ({ scale, profile, say }) =>
    withServers(['versitygw', 'versitygw'], async ([from, to]) => {
      if (!from || !to) throw new Error('no servers');
      const { objects, rounds } = SIZES[scale];
      const fromBucket = await from.createBucket();
      await connected(from, (region) => fill(region.bucket(fromBucket), objects));
      const events = Array.from({ length: objects }, (_, index) => putEvent(fromBucket, keyOf(index), etagOf(keyOf(index)), OBJECT_BYTES, index));

      const contender = (name: string, act: (toBucket: string) => ReturnType<typeof runPeer>): Contender => ({
        name,
        run: async () => {
          const toBucket = await to.createBucket();
          const { value, serverCpuMs } = await watchingServers([from, to], () => act(toBucket));
          await connected(to, (region) => requireAll(region.bucket(toBucket), objects, name));
          return { ...value, serverCpuMs };
        },
      });
      const ends = (toBucket: string) => ({ from, fromBucket, to, toBucket });
      const peers = present([RCLONE_LEAN, RCLONE_DEFAULT], say);
      const runs = await interleaved(
        [
          contender(TIDEMARK, (toBucket) => runWholePath({ server: from, bucket: fromBucket }, { server: to, bucket: toBucket }, events, profile)),
          contender(BARE, (toBucket) => runBare('head-get-put', ends(toBucket), objects)),
          ...peers.map((peer) => contender(peer.name, (toBucket) => runPeer(peer, ends(toBucket)))),
        ],
        rounds,
        say,
      );

      const ours = rate(runs, TIDEMARK, objects) ?? 0;
      const bare = rate(runs, BARE, objects);
      const best = fastest(
        runs,
        peers.map(({ name }) => name),
        objects,
      );
      return {
        title: 'Many small objects, streamed between two servers',
        what: `${objects} objects of 4 KiB from one versitygw process to another, both on tmpfs; all events in the queue at the start; hashed on the way; ${rounds} interleaved rounds, medians. Who copied is checked after each run: every object there, by etag.`,
        columns: SMALL_COLUMNS,
        rows: smallRows(runs, TIDEMARK, objects),
        goals: [
          atLeast(`Tidemark / best peer (${best?.name ?? 'none'}), as the issue asks`, best && ours / best.rate, 1.3),
          atLeast(`Tidemark / ${BARE}`, bare && ours / bare, 0.7),
        ],
        notes: [],
        runs,
        figures: { objectsPerSecond: ours },
      };
    }),
};
