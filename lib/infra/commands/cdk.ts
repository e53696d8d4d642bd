import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a deploy writes what its stacks give out. */
export const OUTPUTS = 'cdk.out/outputs.json';

export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Runs the CDK CLI in this terminal. @returns its exit code */
export function cdk(...args: readonly string[]): number {
  const cli = join(import.meta.dirname, '../../../node_modules/aws-cdk/bin/cdk');
  const { status, error } = spawnSync(process.execPath, [cli, ...args], { stdio: 'inherit' });
  if (error) throw error;
  return status ?? 1;
}

/** @returns by stack; nothing where there was no deploy from here */
export function readOutputs(): Outputs {
  try {
    return JSON.parse(readFileSync(OUTPUTS, 'utf8'));
  } catch {
    return {};
  }
}
