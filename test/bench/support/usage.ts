/** CPU and memory of processes, as Linux tells them; null where it does not. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU in hundredths of a second for everyone who asks. */
const MS_PER_TICK = 10;

/** The numbers of /proc/<pid>/stat from the third field on; the second, a name, may hold spaces. */
function statOf(pid: number | 'self'): readonly number[] | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null
    ? null
    : text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
}

const ticks = (stat: readonly number[] | null, user: number, system: number): number | null => {
  const sum = stat === null ? Number.NaN : (stat[user - 3] ?? Number.NaN) + (stat[system - 3] ?? Number.NaN);
  return Number.isNaN(sum) ? null : sum * MS_PER_TICK;
};

/** User and system time of a running process, ms. */
export function cpuMsOf(pid: number | 'self'): number | null {
  return ticks(statOf(pid), 14, 15);
}

/** The same of all children of ours that have ended, with theirs. */
export function cpuMsOfEndedChildren(): number | null {
  return ticks(statOf('self'), 16, 17);
}

/** Highest resident memory so far, MiB. */
export function peakRssMibOf(pid: number | 'self'): number | null {
  return mibOf(pid, /^VmHWM:\s+(\d+) kB$/m);
}

/** Resident memory now, MiB. */
export function rssMibOf(pid: number): number | null {
  return mibOf(pid, /^VmRSS:\s+(\d+) kB$/m);
}

function mibOf(pid: number | 'self', line: RegExp): number | null {
  const kib = line.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kib === undefined ? null : Number(kib) / 1024;
}

/** Our child that listens on this port, by its command line. */
export function childOnPort(port: string): number | null {
  for (const name of listed('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const command = read(`/proc/${name}/cmdline`);
    if (command?.includes(`127.0.0.1:${port}`) && statOf(Number(name))?.[1] === process.pid) return Number(name);
  }
  return null;
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A process may end between being listed and being read. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function difference(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}
