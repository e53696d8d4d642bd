import { type Peer, present, RCLONE_SYNC_CHECKSUM, runPeer } from '../support/peers.ts';
import { atLeast, type Bench, below, medianOf, type Scale } from '../support/result.ts';
import { type Contender, interleaved, rate, SMALL_COLUMNS, smallRows } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { forEachOf, keyOf } from '../support/small-objects.ts';
import { runVerify } from '../support/verify.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number }>> = {
  small: { objects: 10_000, rounds: 1 },
  full: { objects: 100_000, rounds: 5 },
};

const TIDEMARK = 'Tidemark, POST /verify to its report';
const AT_ONCE = 64;

export const verifyEqual: Bench = {
  name: 'verify-equal',
  run: ({ scale, profile, say }) =>
    // versitygw lists in an order of its own: both tools would sort there, and that is not what is compared.
    withServers(['minio'], async ([server]) => {
      if (!server) throw new Error('no server');
      const { objects, rounds } = SIZES[scale];
      const [fromBucket, toBucket] = [await server.createBucket(), await server.createBucket()];
      await connected(server, async (region) => {
        for (const bucket of [region.bucket(fromBucket), region.bucket(toBucket)]) {
          await forEachOf(objects, AT_ONCE, async (index) => {
            const body = Buffer.from(keyOf(index));
            const like = { etag: '', size: body.length, lastModified: 0, headers: {}, metadata: {} };
            await bucket.write(keyOf(index), body, { size: body.length, like });
          });
        }
      });
      const ends = { from: server, fromBucket, to: server, toBucket };
      const contender = (name: string, act: () => ReturnType<typeof runPeer>): Contender => ({
        name,
        run: async () => {
          const { value, serverCpuMs } = await watchingServers([server], act);
          return { ...value, serverCpuMs };
        },
      });
      const peers = present([RCLONE_SYNC_CHECKSUM], say);
      const runs = await interleaved(
        [
          contender(TIDEMARK, () => runVerify({ server, bucket: fromBucket }, { server, bucket: toBucket }, objects, profile)),
          ...peers.map((peer: Peer) => contender(peer.name, () => runPeer(peer, ends))),
        ],
        rounds,
        say,
      );
      const ours = rate(runs, TIDEMARK, objects) ?? 0;
      const theirs = rate(runs, RCLONE_SYNC_CHECKSUM.name, objects);
      return {
        title: 'Equal buckets, compared',
        what: `${objects} equal keys in two buckets of one minio on tmpfs, nothing to do; ${rounds} interleaved rounds, medians. Tidemark is timed from the start of the job to its signed report, rclone with its start.`,
        columns: SMALL_COLUMNS,
        rows: smallRows(runs, TIDEMARK, objects),
        goals: [
          atLeast(`Tidemark / ${RCLONE_SYNC_CHECKSUM.name}`, theirs && ours / theirs, 1.5),
          below('peak RSS', medianOf(runs[TIDEMARK] ?? [], 'peakRssMib'), 200, 'MiB'),
        ],
        notes: [
          'Both list both sides; keys, sizes and etags are all that is compared. No record stands behind these keys: none is asked for where the listings tell.',
        ],
        runs,
        figures: { verifiedPerSecond: ours },
      };
    }),
};
