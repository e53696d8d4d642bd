/** A disk that can be full: a small tmpfs of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws Error where it may not be mounted: that takes root */
  static mount(mebibytes: number): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-disk-'));
    const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tidemark-drill', folder]);
    if (status === 0) return new SmallDisk(folder);
    rmSync(folder, { recursive: true });
    throw new Error(`no small disk for this drill: ${error?.message ?? String(stderr).trim()}. Run it as root, on Linux`);
  }

  /** Until not a byte more goes onto it. */
  fill(): void {
    const ballast = join(this.folder, 'ballast');
    const { bsize } = statfsSync(this.folder);
    try {
      for (;;) {
        const free = statfsSync(this.folder).bavail * bsize;
        writeFileSync(ballast, Buffer.alloc(Math.max(free, bsize)), { flag: 'a' });
      }
    } catch {
      // It is full.
    }
  }

  free(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  /** Its processes must have ended. */
  unmount(): void {
    spawnSync('umount', [this.folder]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
