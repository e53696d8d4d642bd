/** Processes of our own, so that CPU and memory are those of what is measured and of nothing else. */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const PROFILES = join(import.meta.dirname, '../../../data/bench/profiles');

export interface WorkerOptions {
  readonly profile?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** @param name of a file in workers/, without its ending */
export function startWorker(name: string, job: unknown, { profile = false, env = {} }: WorkerOptions = {}): ChildProcess {
  if (profile) mkdirSync(PROFILES, { recursive: true });
  const child = fork(join(import.meta.dirname, `../workers/${name}.ts`), [JSON.stringify(job)], {
    execArgv: profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, `--cpu-prof-name=${name}-${Date.now()}.cpuprofile`] : [],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
  });
  const endWithUs = (): boolean => child.kill('SIGKILL');
  process.once('exit', endWithUs);
  child.once('exit', () => process.removeListener('exit', endWithUs));
  return child;
}

/** The next thing that the worker tells. @throws Error when it ends first */
export function nextAnswer<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const told = (message: unknown): void => {
      child.removeListener('exit', ended);
      const answer: Answer = JSON.parse(String(message));
      resolve(answer);
    };
    const ended = (code: number | null, signal: string | null): void => {
      child.removeListener('message', told);
      reject(new Error(`a worker of the bench ended with ${code ?? signal} before it answered`));
    };
    child.once('message', told);
    child.once('exit', ended);
  });
}

/** Starts a worker that answers once. */
export async function askWorker<Answer>(name: string, job: unknown, options?: WorkerOptions): Promise<Answer> {
  const child = startWorker(name, job, options);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answer = await nextAnswer<Answer>(child);
  await ended;
  return answer;
}

// ── within the worker ───────────────────────────────────────────────────────

export function jobOf<Job>(): Job {
  const job: Job = JSON.parse(process.argv[2] ?? 'null');
  return job;
}

/** Resolves once it was handed over, so that the process may end. */
export function tell(answer: unknown): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(JSON.stringify(answer), () => resolve());
    else resolve();
  });
}
