/** The tables, as steps that are applied once each; `user_version` counts the applied ones. A released step is never changed. */
import type { DatabaseSync } from 'node:sqlite';
import { TidemarkError } from '../../core/errors.ts';

const STEPS: readonly string[] = [
  `
  -- Keys are UTF-8 bytes: a BLOB compares with memcmp, which is the order S3 lists in, and may hold NUL.
  CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    route TEXT NOT NULL,
    key BLOB NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    open_since INTEGER,
    has_error INTEGER NOT NULL,
    error_since INTEGER,
    due_at INTEGER,
    lease_until INTEGER,
    expires_at INTEGER,
    UNIQUE (route, key)
  ) STRICT;
  -- All sparse, so that the happy path writes none of them.
  CREATE INDEX records_due ON records (due_at) WHERE due_at IS NOT NULL;
  CREATE INDEX records_open_since ON records (open_since, route, key) WHERE is_open = 1;
  CREATE INDEX records_open_key ON records (route, key) WHERE is_open = 1;
  CREATE INDEX records_error_since ON records (error_since, route, key) WHERE has_error = 1;
  CREATE INDEX records_error_key ON records (route, key) WHERE has_error = 1;
  CREATE INDEX records_lease ON records (lease_until) WHERE lease_until IS NOT NULL;
  CREATE INDEX records_expires ON records (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE route_totals (
    route TEXT PRIMARY KEY,
    pending INTEGER NOT NULL,
    in_progress INTEGER NOT NULL,
    done INTEGER NOT NULL,
    superseded INTEGER NOT NULL,
    error INTEGER NOT NULL,
    open_bytes INTEGER NOT NULL,
    objects INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE delete_minutes (
    route TEXT NOT NULL,
    minute INTEGER NOT NULL,
    deletes INTEGER NOT NULL,
    PRIMARY KEY (route, minute)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE delete_pauses (route TEXT PRIMARY KEY, paused_at INTEGER NOT NULL) STRICT;

  -- AUTOINCREMENT: a number that came back would let an old receipt settle another message.
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL,
    held INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX messages_visible ON messages (queue, visible_at, held);
  CREATE INDEX messages_sent ON messages (queue, sent_at);

  CREATE TABLE dead_letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('receives', 'parked')),
    reason TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    died_at INTEGER NOT NULL,
    receives INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    dead_receives INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX dead_letters_queue ON dead_letters (queue, seq);
  CREATE INDEX dead_letters_unrecorded ON dead_letters (queue, visible_at) WHERE recorded = 0;

  CREATE TABLE queue_totals (queue TEXT PRIMARY KEY, messages INTEGER NOT NULL, dead INTEGER NOT NULL) STRICT;
  `,
  `
  CREATE TABLE route_sources (route TEXT PRIMARY KEY, identity TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE backfill_items (
    kind TEXT NOT NULL CHECK (kind IN ('job', 'range', 'claims')),
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name, place)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE backfill_tally (job TEXT PRIMARY KEY, done INTEGER NOT NULL, failed INTEGER NOT NULL) STRICT;
  `,
  `
  CREATE TABLE route_pauses (route TEXT PRIMARY KEY, paused_at INTEGER NOT NULL) STRICT;
  CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    dead INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_due ON outbox (dead, due_at);
  `,
  `
  -- By route first: how far behind each route is must not cost more the more another one holds back.
  DROP INDEX records_open_since;
  DROP INDEX records_error_since;
  CREATE INDEX records_open_since ON records (route, open_since, key) WHERE is_open = 1;
  CREATE INDEX records_error_since ON records (route, error_since, key) WHERE has_error = 1;
  `,
  `
  ALTER TABLE records ADD COLUMN has_conflict INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE records ADD COLUMN conflict_since INTEGER;
  CREATE INDEX records_conflict_since ON records (route, conflict_since, key) WHERE has_conflict = 1;
  ALTER TABLE route_totals ADD COLUMN conflicts INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE route_releases (route TEXT PRIMARY KEY) STRICT;
  ALTER TABLE backfill_items ADD COLUMN expires_at INTEGER;
  ALTER TABLE backfill_tally ADD COLUMN expires_at INTEGER;
  CREATE INDEX backfill_items_expiry ON backfill_items (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX backfill_tally_expiry ON backfill_tally (expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  CREATE TABLE delete_acceptances (route TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
  -- What a person let run was a credit in a minute's row: it ends with this step, and the breaker counts again.
  DELETE FROM delete_minutes WHERE deletes < 0;
  `,
  `
  CREATE TABLE control_items (
    kind TEXT NOT NULL CHECK (kind IN ('record', 'observer', 'watermark')),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE audit_entries (sequence INTEGER PRIMARY KEY, hash TEXT NOT NULL, entry TEXT NOT NULL) STRICT;
  `,
  `
  -- Rows lie in the order they came, whatever their streams: chunks are large, and a tree of them would be torn apart by each.
  CREATE TABLE log_chunks (
    id INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    at INTEGER NOT NULL,
    batch TEXT NOT NULL,
    events TEXT NOT NULL,
    UNIQUE (stream, first)
  ) STRICT;
  CREATE TABLE log_checkpoints (
    stream TEXT NOT NULL,
    subscriber TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (stream, subscriber)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE log_hops (
    stream TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- How long the audit trail was when a head was signed of it last: where the heads are gone, this tells that there were some.
  CREATE TABLE audit_signed (id INTEGER PRIMARY KEY CHECK (id = 1), length INTEGER NOT NULL) STRICT;
  `,
];

/**
 * Brings the schema to the newest version, each step in one transaction.
 * @throws TidemarkError INVALID_CONFIG when a newer Tidemark made the file
 */
export function migrate(connection: DatabaseSync, path: string): void {
  const found = Number(connection.prepare('PRAGMA user_version').get()?.user_version ?? 0);
  if (found > STEPS.length) {
    throw new TidemarkError(
      'INVALID_CONFIG',
      `DATABASE_URL: ${path} was made by a newer Tidemark (schema ${found}, this one knows ${STEPS.length}); run that one, or name another file`,
      { path, found, known: STEPS.length },
    );
  }
  for (const [index, step] of STEPS.entries()) {
    if (index < found) continue;
    connection.exec('BEGIN IMMEDIATE');
    // Another process that shares the file may have come first.
    const isDone = Number(connection.prepare('PRAGMA user_version').get()?.user_version ?? 0) > index;
    connection.exec(isDone ? 'ROLLBACK' : `${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
