/** The embedded host as a process of its own, as people start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RouteInput, TidemarkInput } from '../../lib/config/define.ts';
import { until } from '../fixtures/until.ts';

const BIN = join(import.meta.dirname, '../../bin/tidemark.ts');
/** Generous: reached only when a test fails. */
const START_MS = 20_000;

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  readonly command?: readonly string[];
}

export class ChildHost {
  readonly process: ChildProcess;
  output = '';
  errors = '';

  constructor(folder: string, { env = {}, nodeOptions = [], command = ['serve'] }: ChildOptions = {}) {
    this.process = spawn(process.execPath, [...nodeOptions, BIN, ...command], {
      cwd: folder,
      env: { PATH: process.env.PATH, PORT: '0', DATABASE_URL: 'tidemark.db', LOG_LEVEL: 'error', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString('utf8');
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.errors += chunk.toString('utf8');
    });
  }

  get url(): string | undefined {
    return /listens on (http:\S+)/.exec(this.output)?.[1];
  }

  async ready(): Promise<string> {
    await until(() => this.url !== undefined || this.ended, { withinMs: START_MS, what: 'the host listens' });
    if (this.url === undefined) throw new Error(`the host ended: ${this.errors}`);
    return this.url;
  }

  get ended(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** @param within ms */
  async exit(within = START_MS): Promise<number | NodeJS.Signals | null> {
    await until(() => this.ended, { withinMs: within, what: 'the host ends' });
    return this.process.exitCode ?? this.process.signalCode;
  }

  async kill(): Promise<void> {
    if (!this.ended) this.process.kill('SIGKILL');
    await this.exit();
  }
}

const FOLDERS: TidemarkInput['regions'] = { primary: { folder: 'regions/primary' }, secondary: { folder: 'regions/secondary' } };

/** A working directory with a configuration that hastens what otherwise takes a minute. @param regions named primary and secondary */
export async function newWorkingDirectory(
  regions = FOLDERS,
  route: Partial<RouteInput> = {},
): Promise<{ readonly folder: string; dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-child-'));
  const config: TidemarkInput = {
    regions,
    routes: [{ from: 'primary', to: 'secondary', ...route }],
    limits: { reconcileSec: 5, deleteGraceSec: 1 },
  };
  await writeFile(join(folder, 'tidemark.config.ts'), `export default ${JSON.stringify(config)};\n`);
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) };
}
