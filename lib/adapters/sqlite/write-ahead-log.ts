import { closeSync, fdatasync, fdatasyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const datasync = promisify(fdatasync);

/**
 * Syncs a database's write-ahead log to the disk on another thread, while this one goes on. SQLite writes the log in order, so a sync makes
 * durable all that was committed before it; what SQLite itself needs for the file to stay whole it syncs by itself.
 * SQLite's locks lie on other files, so that opening and closing this one ends none of them.
 */
export class WriteAheadLog {
  readonly #descriptor: number;

  /** @param database the path of a database that is open in WAL mode */
  constructor(database: string) {
    this.#descriptor = openSync(`${database}-wal`, 'r+');
  }

  sync(): Promise<void> {
    return datasync(this.#descriptor);
  }

  /** The same, at once. */
  syncNow(): void {
    fdatasyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
