/** A backfill of two equal sides, planned and compared by a process that is killed on the way: jobs for workers/backfill-plan.ts. */
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import type { EqualSides } from './equal-sides.ts';
import { cpuMsOf, peakRssMibOf, rssMibOf } from './usage.ts';
import { startWorker } from './worker.ts';

export interface BackfillPlanJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  readonly keys: number;
  /** A file that takes a line for each page that was listed, and for each that was compared. */
  readonly journal: string;
}

export interface PlanAnswer {
  readonly ranges: number;
}

/** Of one process, or of all that took part. */
export interface PlanRun {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakRssMib: number;
  /** Highest resident memory in each quarter of the work, MiB; work is a key listed at either side, or compared. */
  readonly quarters: readonly number[];
  /** Keys that were listed by the walk, either side's. */
  readonly listed: number;
  readonly compared: number;
  readonly ranges: number;
}

const LOOK_EVERY_MS = 20;
const QUARTERS = 4;

/**
 * @param killAt shares of the keys: once so many are compared, the process is killed, and another one goes on
 * @throws Error when it ends otherwise than with every key listed, and none queued
 */
export async function runBackfillPlan(sides: EqualSides, database: string, killAt: readonly number[], profile: boolean): Promise<PlanRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const databaseUrl = join(folder, 'tidemark.db');
    copyFileSync(database, databaseUrl);
    const runs: PlanRun[] = [];
    for (const share of [...killAt, Number.POSITIVE_INFINITY]) {
      const compared = runs.reduce((sum, run) => sum + run.compared, 0);
      const job = { config: sides.config, databaseUrl, keys: sides.keys, journal: join(folder, `journal-${runs.length}`) };
      runs.push(await runOne(job, sides.env, share * sides.keys - compared, profile));
    }
    return together(runs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function together(runs: readonly PlanRun[]): PlanRun {
  const sum = (field: 'seconds' | 'cpuMs' | 'listed' | 'compared'): number => runs.reduce((total, run) => total + run[field], 0);
  return {
    seconds: sum('seconds'),
    cpuMs: sum('cpuMs'),
    peakRssMib: Math.max(...runs.map(({ peakRssMib }) => peakRssMib)),
    quarters: Array.from({ length: QUARTERS }, (_, quarter) => Math.max(...runs.map(({ quarters }) => quarters[quarter] ?? 0))),
    listed: sum('listed'),
    compared: sum('compared'),
    ranges: Math.max(...runs.map(({ ranges }) => ranges)),
  };
}

/** One process, until it has done its work or is killed. */
async function runOne(job: BackfillPlanJob, env: Readonly<Record<string, string>>, killAfter: number, profile: boolean): Promise<PlanRun> {
  const started = performance.now();
  const child = startWorker('backfill-plan', job, { profile, env });
  const ended = once(child, 'exit');
  const pid = child.pid ?? 0;
  const quarters = Array.from({ length: QUARTERS }, () => 0);
  let ranges = 0;
  child.once('message', (message) => {
    const answer: PlanAnswer = JSON.parse(String(message));
    ranges = answer.ranges;
  });
  let [cpuMs, peakRssMib] = [0, 0];
  let work = workOf(job.journal);
  while (child.exitCode === null && child.signalCode === null) {
    work = workOf(job.journal);
    const quarter = Math.min(QUARTERS - 1, Math.floor(((work.listed + work.compared) / (3 * job.keys)) * QUARTERS));
    quarters[quarter] = Math.max(quarters[quarter] ?? 0, rssMibOf(pid) ?? 0);
    cpuMs = cpuMsOf(pid) || cpuMs;
    peakRssMib = peakRssMibOf(pid) ?? peakRssMib;
    if (work.compared >= killAfter) child.kill('SIGKILL');
    await delay(LOOK_EVERY_MS);
  }
  await ended;
  const asMeant = Number.isFinite(killAfter) ? child.signalCode === 'SIGKILL' : ranges > 0;
  if (!asMeant) throw new Error(`the worker of the bench ended with ${child.signalCode ?? child.exitCode}, not as it was meant to`);
  return { seconds: (performance.now() - started) / 1000, cpuMs, peakRssMib, quarters, ...workOf(job.journal), ranges };
}

/** Each line is a letter and how many keys: `l` listed, `c` compared. */
function workOf(journal: string): { readonly listed: number; readonly compared: number } {
  const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : [];
  const sum = (letter: string): number => lines.reduce((total, line) => total + (line.startsWith(letter) ? Number(line.slice(1)) : 0), 0);
  return { listed: sum('l'), compared: sum('c') };
}
