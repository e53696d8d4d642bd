/** The embedded host in a process of its own, watched from outside. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TidemarkConfig } from '../../../lib/config/config.ts';
import type { Run } from './result.ts';
import { cpuMsOf, peakRssMibOf } from './usage.ts';
import { nextAnswer, startWorker } from './worker.ts';

export interface HostJob {
  readonly config: TidemarkConfig;
  readonly databaseUrl: string;
  /** @default false */
  readonly gatewayAlone?: boolean;
}

const LOOK_EVERY_MS = 250;

/**
 * Starts the host, does what the caller wants replicated, and waits until `isDone`.
 * @returns the seconds from `cause` to done, with the host's CPU and highest memory since its start
 * @throws Error when it takes longer than `withinMs`
 */
export async function runHost(
  job: HostJob,
  {
    env,
    profile,
    withinMs,
    cause,
    isDone,
  }: {
    readonly env: Readonly<Record<string, string>>;
    readonly profile: boolean;
    readonly withinMs: number;
    readonly cause: () => Promise<void>;
    readonly isDone: () => Promise<boolean>;
  },
): Promise<Omit<Run, 'serverCpuMs'>> {
  const child = startWorker('host', job, { profile, env });
  const pid = child.pid ?? 0;
  try {
    await nextAnswer(child);
    await cause();
    const started = performance.now();
    while (!(await isDone())) {
      if (child.exitCode !== null) throw new Error(`the host ended with ${child.exitCode}`);
      if (performance.now() - started > withinMs) throw new Error(`the copy was not there after ${withinMs / 1000} s`);
      await delay(LOOK_EVERY_MS);
    }
    return { seconds: (performance.now() - started) / 1000, cpuMs: cpuMsOf(pid), peakRssMib: peakRssMibOf(pid) };
  } finally {
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.send('stop');
      await ended;
    }
  }
}
