import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { bucketOf, DESTINATION_REGION, deploy, PAIRS, SOURCE_REGION } from '../../deployed/deployment.ts';
import { startEmulator } from '../../fixtures/emulator.ts';
import { percentile } from '../support/percentile.ts';
import type { Bench, Scale } from '../support/result.ts';
import { fixed } from '../support/rounds.ts';

const OBJECTS: Readonly<Record<Scale, number>> = { small: 20, full: 300 };
/** The first start processes and find out what the store can do. */
const WARM_UP = 5;
const BODY = Buffer.alloc(1024, 'tidemark');
const GIVE_UP_MS = 60_000;
const POLL_MS = 1;

const WRAPPED = join(import.meta.dirname, '../../deployed/emulator/wrapped.py');

export const awsLatency: Bench = {
  name: 'aws-latency',
  onlyByName: true,
  run: async ({ scale, say }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
    const [app, functions] = [join(folder, 'app'), join(folder, 'functions')];
    for (const each of [app, functions]) mkdirSync(each);
    const emulator = await startEmulator({ script: WRAPPED, enforcing: true, env: { TMPDIR: functions } });
    try {
      await deploy(emulator, app);
      say('  deployed');
      const client = (region: string): S3Client => new S3Client({ ...emulator.client, region, forcePathStyle: true });
      const [source, destination] = [client(SOURCE_REGION), client(DESTINATION_REGION)];
      const times: number[] = [];
      for (let n = 0; n < WARM_UP + OBJECTS[scale]; n++) times.push(await copied(source, destination, `latency/${n}`));
      const first = times[0] ?? 0;
      const warm = times.slice(WARM_UP).toSorted((a, b) => a - b);
      const [p50, p99] = [percentile(warm, 0.5), percentile(warm, 0.99)];
      return {
        title: 'From a write to its copy, deployed to the emulator',
        what: `The app as \`npm run deploy\` makes it, on the AWS emulator with everything on this machine: ${OBJECTS[scale]} objects of 1 KiB, one after the other, from the answer to the PUT until a HEAD at the destination finds it; S3's notification, SQS, the event source mapping, the function, DynamoDB and the copy lie between. **It is the emulator's figure and says nothing of AWS's**, where a cold start, the notification's own delay (seconds at times) and the way between regions come on top.`,
        columns: ['', 'ms'],
        rows: [
          ['first object, from a cold start', fixed(first, 0)],
          ['p50', fixed(p50, 0)],
          ['p99', fixed(p99, 0)],
          ['slowest', fixed(warm.at(-1) ?? 0, 0)],
        ],
        goals: [],
        notes: [],
        runs: {},
        figures: { firstMs: first, p50Ms: p50, p99Ms: p99 },
      };
    } finally {
      await emulator.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** @returns ms from the answer to the PUT until it is seen */
async function copied(source: S3Client, destination: S3Client, Key: string): Promise<number> {
  const { main } = PAIRS;
  await source.send(new PutObjectCommand({ Bucket: bucketOf(main.source), Key, Body: BODY, ContentLength: BODY.length }));
  const written = performance.now();
  while (!(await isThere(destination, bucketOf(main.destination), Key))) {
    if (performance.now() - written > GIVE_UP_MS) throw new Error(`${Key} was not copied within ${GIVE_UP_MS} ms`);
    await delay(POLL_MS);
  }
  return performance.now() - written;
}

async function isThere(client: S3Client, Bucket: string, Key: string): Promise<boolean> {
  try {
    await client.send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}
