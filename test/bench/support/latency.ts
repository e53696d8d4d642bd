/** An open loop: objects are written at their own times, however slow the copies are; each latency counts from when its write was due. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { S3Bucket } from '../../../lib/adapters/s3/index.ts';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import { etagOf, keyOf, OBJECT_BYTES, putOne } from './small-objects.ts';
import { configOf, type End, keysFor, putEvent } from './whole-path.ts';
import { nextAnswer, startWorker } from './worker.ts';

export interface LatencyJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  readonly objects: number;
}

export interface Told {
  readonly key: string;
  readonly body: string;
  /** When the write was due, monotonicMs. */
  readonly due: number;
}

export interface LatencyAnswer {
  /** When each write was due (monotonicMs), and ms from then to its durable record. */
  readonly latencies: readonly (readonly [due: number, ms: number])[];
}

/** The same clock in every process of this machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const TICK_MS = 1;

/** Writes `objects` objects at `perSecond` and lets a worker replicate them. @returns ms each, without those due in the first `warmUpMs` */
export async function measureLatency(
  source: End,
  destination: End,
  bucket: S3Bucket,
  {
    objects,
    perSecond,
    warmUpMs,
    profile,
  }: { readonly objects: number; readonly perSecond: number; readonly warmUpMs: number; readonly profile: boolean },
): Promise<{ readonly all: readonly number[]; readonly warm: readonly number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const job: LatencyJob = { config: configOf(source, destination), databaseUrl: join(folder, 'tidemark.db'), objects };
    const worker = startWorker('latency', job, { profile, env: keysFor(source.server) });
    await nextAnswer(worker);
    const answered = nextAnswer<LatencyAnswer>(worker);
    const ended = once(worker, 'exit');
    const started = monotonicMs();
    const write = writer(bucket, source.bucket, (told) => worker.send(JSON.stringify(told)));
    const writes: Promise<void>[] = [];
    while (writes.length < objects) {
      const due = Math.min(objects, Math.ceil(((monotonicMs() - started) / 1000) * perSecond));
      for (let index = writes.length; index < due; index++) writes.push(write(index, started + (index / perSecond) * 1000));
      await delay(TICK_MS);
    }
    await Promise.all(writes);
    const { latencies } = await answered;
    await ended;
    const sorted = (kept: LatencyAnswer['latencies']): readonly number[] => kept.map(([, ms]) => ms).toSorted((a, b) => a - b);
    return { all: sorted(latencies), warm: sorted(latencies.filter(([due]) => due - started >= warmUpMs)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts an object and tells of it, with what else was put in the same turn of the event loop. */
function writer(bucket: S3Bucket, bucketName: string, tell: (told: readonly Told[]) => void): (index: number, due: number) => Promise<void> {
  let told: Told[] = [];
  const flush = (): void => {
    tell(told);
    told = [];
  };
  return async (index, due) => {
    const key = keyOf(index);
    await putOne(bucket, key);
    if (told.length === 0) setImmediate(flush);
    told.push({ key, due, body: putEvent(bucketName, key, etagOf(key), OBJECT_BYTES, index) });
  };
}
