/** What names one content of a file: its etag, and the time stamps that keep two contents apart. */
import type { BigIntStats } from 'node:fs';
import type { Clock } from '../../ports/system.ts';

/** Changes with every rewrite, and with every edit in place once the file has settled. */
export function etagOf(stat: BigIntStats): string {
  return `fs-${stat.mtimeNs.toString(16)}-${stat.size.toString(16)}-${stat.ino.toString(16)}`;
}

export function modifiedAt(stat: BigIntStats): number {
  return Number(stat.mtimeMs);
}

let lastStamp = 0;

/**
 * A modification time that no write of this process had before, µs since the epoch: an inode number is reused at once,
 * and the kernel's own stamps stand still for milliseconds, so that without it two contents could share an etag.
 */
export function nextStamp(clock: Clock): number {
  lastStamp = Math.max(clock.now() * 1_000, lastStamp + 1);
  return lastStamp;
}

/**
 * How long a file must still be left alone before its etag names one content: a person may be copying into it,
 * and two edits within a tick of the kernel's clock share a time.
 * @returns ms, 0 when it has settled
 */
export function unsettledMs(stat: BigIntStats, now: number, settleMs: number): number {
  // A modification time in the future was set by hand; the change time is the kernel's alone.
  const touched = modifiedAt(stat) > now ? Number(stat.ctimeMs) : modifiedAt(stat);
  const age = now - touched;
  // A change far in the future means that the clock was set back: waiting for it could take years.
  return age <= -settleMs ? 0 : Math.max(0, settleMs - age);
}
