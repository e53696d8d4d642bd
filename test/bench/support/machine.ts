import { readFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import { versionOf } from './peers.ts';

/** What the figures were made on, as rows of a table. */
export function machineRows(): readonly (readonly [string, string])[] {
  return [
    ['machine', `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GB, ${platform()} ${release()}`],
    ['load', `${loadAverage()} (average over a minute, at the end of the run)`],
    ['Node', process.version],
    [
      'servers',
      `versitygw ${versionOf('versitygw')}, minio ${versionOf('minio')}; each in a process of its own, on tmpfs (test/fixtures/install-tools.sh pins both)`,
    ],
    ['peers', `s5cmd ${versionOf('s5cmd')}, mc ${versionOf('mc')}, rclone ${versionOf('rclone')}`],
  ];
}

function loadAverage(): string {
  try {
    return readFileSync('/proc/loadavg', 'utf8').split(' ', 1)[0] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
