/** Runs the simulator on a copy of the protocol that was changed here and there. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Edit } from './planted-bug.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** What run.ts needs: the layers without a store, and itself. */
const COPIED = ['lib/core', 'lib/usecases', 'lib/ports', 'test/simulation'];
/** The log needs little of it, and copies cost more than its schedules. */
const COPIED_FOR_LOG = [
  ...['log/', 'gateway/lease.ts', 'gateway/rules.ts', 'errors.ts', 'retry.ts'].map((path) => `lib/core/${path}`),
  ...['lib/usecases/log', 'lib/ports/log-store.ts', 'lib/ports/system.ts', 'test/simulation/log', 'test/simulation/gateway/process.ts'],
  ...['random', 'run', 'run-schedules', 'scheduler', 'shrink'].map((name) => `test/simulation/${name}.ts`),
];

export interface Run {
  readonly exitCode: number | null;
  readonly output: string;
}

/** @throws Error when an edit does not apply exactly once: the code has moved on, and the bug with it */
export async function runWith(edits: readonly Edit[], args: readonly string[]): Promise<Run> {
  const copy = mkdtempSync(join(tmpdir(), 'planted-'));
  try {
    for (const path of args.includes('--log') ? COPIED_FOR_LOG : COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true });
    writeFileSync(join(copy, 'package.json'), '{"type":"module"}');
    for (const { file, find, replace } of edits) {
      const text = readFileSync(join(copy, file), 'utf8');
      const times = text.split(find).length - 1;
      if (times !== 1) throw new Error(`the bug no longer applies: ${file} holds ${JSON.stringify(find)} ${times} times`);
      writeFileSync(
        join(copy, file),
        text.replace(find, () => replace),
      );
    }
    return await simulate(copy, args);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** The simulator as people call it, in a process of its own. */
export function simulate(root: string, args: readonly string[]): Promise<Run> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, ['test/simulation/run.ts', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', failed);
    child.on('close', (exitCode) => done({ exitCode, output }));
  });
}
