import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlanRun, runBackfillPlan } from '../support/backfill-plan.ts';
import { type EqualSides, equalBuckets, equalFolders } from '../support/equal-sides.ts';
import { type Bench, below, type Goal, type Scale } from '../support/result.ts';
import { fixed, whole } from '../support/rounds.ts';
import { withServers } from '../support/servers.ts';

const SIZES: Readonly<Record<Scale, { readonly files: number; readonly objects: number }>> = {
  small: { files: 20_000, objects: 5_000 },
  full: { files: 1_000_000, objects: 100_000 },
};
/** Where the process is killed, in shares of the keys. */
const KILLS = [0.35, 0.7];
const PAGE = 1_000;
const MOST_RSS_MIB = 200;
const PARENT = process.platform === 'linux' ? '/dev/shm' : tmpdir();

export const backfillPlan: Bench = {
  name: 'backfill-plan',
  onlyByName: true,
  run: async ({ scale, profile, say }) => {
    const { files, objects } = SIZES[scale];
    const runs: Record<string, PlanRun> = {};
    const measure = async (name: string, fill: (databaseUrl: string) => Promise<EqualSides>): Promise<void> => {
      const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
      try {
        const database = join(folder, 'tidemark.db');
        const sides = await fill(database);
        say(`  ${name}: filled`);
        for (const [label, kills] of [
          ['', []],
          [', killed twice', KILLS],
        ] as const) {
          const run = await runBackfillPlan(sides, database, kills, profile);
          runs[`${name}${label}`] = run;
          say(`  ${name}${label}: ${run.seconds.toFixed(1)} s, ${run.peakRssMib.toFixed(0)} MiB`);
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    };
    const place = mkdtempSync(join(PARENT, 'tidemark-bench-'));
    try {
      await measure('folders', (databaseUrl) => equalFolders(place, files, databaseUrl));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
    await withServers(['minio'], async ([server]) => {
      if (!server) throw new Error('no server');
      await measure('minio', (databaseUrl) => equalBuckets(server, objects, databaseUrl));
    });
    const keysOf = (name: string): number => (name.startsWith('folders') ? files : objects);
    return {
      title: 'A backfill of what is equal, planned and compared',
      what: `POST /backfill with mode missing, from its estimate to its end: ${whole(files)} files a side in folders on tmpfs, ${whole(objects)} objects a side in two buckets of one minio; each key has its record in SQLite on the disk, and nothing is left to ask for. Killed twice: by SIGKILL, once ${KILLS.map((share) => `${share * 100} %`).join(' and ')} of the keys were compared; the next process goes on.`,
      columns: ['', 'keys a side', 'ranges', 'keys/s', 'CPU ms/key', 'RSS MiB, by quarters of the work', 'peak RSS MiB', 'listed', 'compared'],
      rows: Object.entries(runs).map(([name, run]) => [
        name,
        whole(keysOf(name)),
        whole(run.ranges),
        whole(keysOf(name) / run.seconds),
        fixed(run.cpuMs, 3, keysOf(name)),
        run.quarters.map((mib) => fixed(mib || null, 0)).join(' · '),
        fixed(run.peakRssMib, 0),
        whole(run.listed),
        whole(run.compared),
      ]),
      goals: Object.entries(runs).flatMap(([name, run]) => [
        below(`peak RSS, ${name}`, run.peakRssMib, MOST_RSS_MIB, 'MiB'),
        ...(name.endsWith('twice') ? [repeated(name, run, keysOf(name))] : []),
      ]),
      notes: [
        'Listed counts the keys of every page that either store handed to the walk, compared the keys whose records were read, in all processes together. A store that lists in order is asked for the rest of a range alone; folders do not, so that each process lists and sorts them anew, and compares what its checkpoint leaves.',
        'The time of the killed ones holds three starts of a process.',
      ],
      runs: {},
      figures: Object.fromEntries(Object.entries(runs).map(([name, run]) => [`${name}, peak RSS MiB`, run.peakRssMib])),
    };
  },
};

/** A page whose checkpoint was not yet written when its process died is compared once more. */
function repeated(name: string, { compared, ranges }: PlanRun, keys: number): Goal {
  const [pages, most] = [(compared - keys) / PAGE, ranges * KILLS.length];
  return { what: `pages compared again, ${name}`, goal: `≤ ${most}`, measured: String(pages), met: pages >= 0 && pages <= most };
}
