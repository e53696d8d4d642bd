/** Tells which keys of a folder may have changed. It only hastens: what a watch misses, the reconciler finds. */
import { realpath } from 'node:fs/promises';
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import type { FolderBucket } from './bucket.ts';
import { Coalescer } from './coalescer.ts';
import { explain as explainSystem, systemCode } from './failures.ts';
import { ENCODED, keyOfEncoded, keyOfPlain, RESERVED } from './names.ts';
import { TreeWatch } from './tree-watch.ts';

export interface WatchOptions {
  /** Something may have been missed: reconcile. Nothing is ever thrown instead. */
  readonly onError: (error: TidemarkError) => void;
  /**
   * A whole folder was removed or moved away, and which keys it held is not known: compare what the other side holds below this prefix
   * (ends in `/`; empty: the root itself). Called for folders that were merely empty too. @default onError
   */
  readonly onFolderGone?: (prefix: string) => void;
  /** ms that a key must be quiet before it is reported, at most twice that. @default 50 */
  readonly quietMs?: number;
}

export interface FolderWatch {
  /** Resolves (never rejects) once changes from now on are seen; a failure to start went to onError. */
  readonly ready: Promise<void>;
  close(): void;
}

const DEFAULT_QUIET_MS = 50;

/**
 * Watches a folder region, also for its own writes.
 * @param onKey called with a key to look at; its state may have changed, come or gone, or be the same
 */
export function watchFolder(bucket: FolderBucket, onKey: (key: string) => void, options: WatchOptions): FolderWatch {
  const fail = (error: unknown): void => options.onError(explain(error, bucket.path));
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      fail(error);
    }
  };
  const tellGone =
    options.onFolderGone ?? ((prefix) => fail(new TidemarkError('UNAVAILABLE', `the folder ${prefix} went away: reconcile`, { prefix })));
  const quietMs = options.quietMs ?? DEFAULT_QUIET_MS;
  const keys = new Coalescer(quietMs, (names) => {
    for (const name of names) guarded(() => onKey(name));
  });
  const gone = new Coalescer(quietMs, (names) => {
    const outermost = names.filter((name) => !names.some((other) => other !== name && name.startsWith(other)));
    for (const name of outermost) guarded(() => tellGone(name));
  });
  const events = {
    path: (path: string): void => {
      const key = path.startsWith(`${ENCODED}/`) ? keyOfEncoded(path) : keyOfPlain(path);
      if (key !== null) keys.note(key);
    },
    gone: (directory: string): void => {
      if (!isReserved(directory)) gone.note(directory === '' ? '' : `${directory}/`);
    },
    failed: fail,
    mounted: (directory: string): Promise<void> => bucket.noteMount(directory),
    ignores: (directory: string): boolean => isReserved(directory) && directory !== ENCODED && !directory.startsWith(`${ENCODED}/`),
  };
  let tree: TreeWatch | undefined;
  let closed = false;
  const start = async (): Promise<void> => {
    await bucket.check();
    tree = new TreeWatch(await realpath(bucket.path), events);
    if (closed) return;
    await tree.add('', false);
    await tree.add(ENCODED, false);
  };
  return {
    ready: start().catch(fail),
    close: () => {
      closed = true;
      tree?.close();
      keys.close();
      gone.close();
    },
  };
}

const isReserved = (directory: string): boolean => directory === RESERVED || directory.startsWith(`${RESERVED}/`);

function explain(error: unknown, folder: string): TidemarkError {
  if (systemCode(error) !== 'ENOSPC') return asTidemarkError(explainSystem(error, { folder }));
  const message = `too many directories to watch in ${folder}: raise the sysctl fs.inotify.max_user_watches, or rely on reconciling`;
  return new TidemarkError('UNAVAILABLE', message, { folder }, error);
}
