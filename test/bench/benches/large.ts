import type { S3Server } from '../../fixtures/s3-servers.ts';
import { putLarge, sha256At, sha256Of } from '../support/large-object.ts';
import { MC_CP, present, RCLONE_LARGE, RCLONE_LARGE_DEFAULT, runPeer } from '../support/peers.ts';
import { atLeast, type Bench, below, medianOf, type Scale } from '../support/result.ts';
import { type Contender, fastest, fixed, interleaved, rate } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { putEvent, runWholePath } from '../support/whole-path.ts';

const SIZES: Readonly<Record<Scale, { readonly bytes: number; readonly rounds: number }>> = {
  small: { bytes: 256 * 1024 ** 2, rounds: 1 },
  full: { bytes: 2 * 1024 ** 3, rounds: 3 },
};

const TIDEMARK = 'Tidemark, whole path';
const KEY = 'large.bin';
const MB = 1e6;

export const large: Bench = {
  name: 'large',
  run: ({ scale, profile, say }) =>
    withServers(['versitygw'], async ([from]) => {
      if (!from) throw new Error('no server');
      const { bytes, rounds } = SIZES[scale];
      const fromBucket = await from.createBucket();
      const { etag } = await connected(from, (region) => putLarge(region.bucket(fromBucket), KEY, bytes));
      const sha256 = sha256Of(bytes);
      const events = [putEvent(fromBucket, KEY, etag, bytes, 1)];

      /** A server of its own for each run, so that memory holds one copy at a time. */
      const contender = (name: string, act: (to: S3Server, toBucket: string) => ReturnType<typeof runPeer>): Contender => ({
        name,
        run: () =>
          withServers(['versitygw'], async ([to]) => {
            if (!to) throw new Error('no server');
            const toBucket = await to.createBucket();
            const { value, serverCpuMs } = await watchingServers([from, to], () => act(to, toBucket));
            if ((await sha256At(to, toBucket, KEY)) !== sha256) throw new Error(`${name} left other bytes`);
            return { ...value, serverCpuMs };
          }),
      });
      const peers = present([MC_CP, RCLONE_LARGE, RCLONE_LARGE_DEFAULT], say);
      const runs = await interleaved(
        [
          contender(TIDEMARK, (to, toBucket) =>
            runWholePath({ server: from, bucket: fromBucket }, { server: to, bucket: toBucket }, events, profile),
          ),
          ...peers.map((peer) => contender(peer.name, (to, toBucket) => runPeer(peer, { from, fromBucket, to, toBucket, key: KEY }))),
        ],
        rounds,
        say,
      );

      const megabytes = bytes / MB;
      const ours = rate(runs, TIDEMARK, megabytes) ?? 0;
      const best = fastest(
        runs,
        peers.map(({ name }) => name),
        megabytes,
      );
      const toBest = best && ours / best.rate;
      const peerName = `Tidemark / best peer (${best?.name ?? 'none'})`;
      return {
        title: 'One large object, streamed between two servers',
        what: `${bytes / 1024 ** 2} MiB from one versitygw process to another, both on tmpfs, hashed on the way; ${rounds} interleaved rounds, medians; the bytes of every run are compared by SHA-256 afterwards.`,
        columns: ['', 'MB/s', 'CPU s', 'server CPU s', 'peak RSS MiB', 'Tidemark is'],
        rows: Object.entries(runs).map(([name, own]) => [
          name,
          fixed(rate(runs, name, megabytes), 0),
          fixed(medianOf(own, 'cpuMs'), 1, 1000),
          fixed(medianOf(own, 'serverCpuMs'), 1, 1000),
          fixed(medianOf(own, 'peakRssMib'), 0),
          name === TIDEMARK ? '' : `${(ours / (rate(runs, name, megabytes) ?? 0)).toFixed(2)}x`,
        ]),
        goals: [
          atLeast(peerName, toBest, 1.15),
          atLeast(`${peerName}, as the issue asks`, toBest, 1.3),
          below('peak RSS of the whole process', runs[TIDEMARK] ? medianOf(runs[TIDEMARK], 'peakRssMib') : null, 200, 'MiB'),
        ],
        notes: [],
        runs,
        figures: { megabytesPerSecond: ours },
      };
    }),
};
