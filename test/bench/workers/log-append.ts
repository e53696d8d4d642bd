/** Events of some 300 bytes into one SQLite file, durable: by the change log, and by nothing but inserts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createChangeLog } from '../../../lib/local/change-log.ts';
import type { LogAppendJob } from '../benches/log-append.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

const BATCH = 100;
/** Of callers that each wait for their event to be stored. */
const CALLERS = 2_000;

const { contender, events } = jobOf<LogAppendJob>();
const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-log-'));
const path = join(folder, 'log.db');
const order = (n: number, total: number) => ({ total, currency: 'NOK', city: 'Trondheim', note: `order ${n} of a customer` });

/** As many callers at once as there are in a busy server; each event is told stored. */
async function changeLog(): Promise<void> {
  const log = createChangeLog({ database: path, stream: 'orders', batchSize: BATCH });
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < events) {
      const n = next++;
      await log.emit('UPDATE', 'orders', String(n), { before: order(n, n), after: order(n, n + 1) });
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await log.close();
}

/** A row an event, a transaction of a hundred, and a sync for each; made of the same values. */
async function bare(): Promise<void> {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE events (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT',
  );
  const insert = database.prepare('INSERT INTO events (body) VALUES (?)');
  for (let n = 0; n < events; ) {
    database.exec('BEGIN');
    for (const end = Math.min(events, n + BATCH); n < end; n++)
      insert.run(
        JSON.stringify({
          id: String(n),
          operation: 'UPDATE',
          collection: 'orders',
          documentId: String(n),
          timestamp: Date.now(),
          before: order(n, n),
          after: order(n, n + 1),
        }),
      );
    database.exec('COMMIT');
  }
  database.close();
}

const cpu = process.cpuUsage();
const started = performance.now();
await (contender === 'bare' ? bare() : changeLog());
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
rmSync(folder, { recursive: true });
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);
