/** Directories as a crash leaves them: made, pruned and synced, so that what was promised is still there afterwards. */
import { type FileHandle, mkdir, open, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './failures.ts';

const waiting = new Map<string, Promise<void>>();
const running = new Map<string, Promise<void>>();

/** Makes the entries of a directory durable. Callers that come while one sync runs share the next: it covers them all. */
export function syncDirectory(path: string): Promise<void> {
  const next = waiting.get(path);
  if (next) return next;
  const current = running.get(path);
  if (!current) return start(path);
  const queued = current.then(
    () => startQueued(path),
    () => startQueued(path),
  );
  waiting.set(path, queued);
  return queued;
}

function startQueued(path: string): Promise<void> {
  waiting.delete(path);
  return start(path);
}

function start(path: string): Promise<void> {
  const sync = fsyncDirectory(path).finally(() => {
    if (running.get(path) === sync) running.delete(path);
  });
  running.set(path, sync);
  return sync;
}

async function fsyncDirectory(path: string): Promise<void> {
  const handle = await openUnlessGone(path);
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A directory that was pruned meanwhile has no entries to keep; its parent is synced by who pruned it. */
async function openUnlessGone(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a directory and its parents, durable up to the first that was there already. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/** Removes a directory and its parents while they are empty, below `top`, and makes that durable. */
export async function pruneEmpty(path: string, top: string): Promise<void> {
  let current = path;
  while (current !== top && current.startsWith(`${top}/`)) {
    try {
      await rmdir(current);
    } catch (error) {
      // Someone else removed it: its parents may still be ours to remove. Anything else means that it stays.
      if (systemCode(error) !== 'ENOENT') break;
    }
    current = dirname(current);
  }
  await syncDirectory(current);
}
