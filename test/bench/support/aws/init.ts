/** How long a function takes until it can be called. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Milliseconds. */
export interface Init {
  /** From asking for the module to having its handler. */
  readonly importMs: number;
  /** CPU meanwhile. */
  readonly cpuMs: number;
  /** What Node took to start, before. */
  readonly nodeMs: number;
}

const WORKER = join(import.meta.dirname, '../../workers/aws-init.mjs');

/**
 * In a process of its own, with no other environment than this.
 * @throws Error when there is no handler then, or a connection was asked for
 */
export function initOnce(functionFile: string, env: Readonly<Record<string, string>>): Init {
  const { stdout, stderr, status } = spawnSync(process.execPath, [WORKER, pathToFileURL(functionFile).href], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${functionFile} does not start: ${stderr}`);
  const { connections, isFunction, ...init }: Init & { connections: number; isFunction: boolean } = JSON.parse(stdout);
  if (!isFunction) throw new Error(`${functionFile} exports no handler`);
  if (connections > 0) throw new Error(`${functionFile} asked for ${connections} connections while it started`);
  return init;
}
