/** An entry of the audit trail: what happened, and the hash of the entry before it. */
import { boundedDetails, shortened } from './details.ts';

/** What happened, by whom, to what: as whoever does it tells the trail. */
export interface AuditEvent {
  /** Dotted, the area first: `failover.promote`, `conflict.recorded`. What came of an intent has its name and `.outcome`. */
  readonly action: string;
  /** Who: `iam:arn:…`, `jwt:subject`, `token`, `local`; `system` for what Tidemark decides by itself. */
  readonly actor: string;
  /** What it was done to: a path of the API, a route, a key. */
  readonly subject?: string;
  /** A few facts. What is large is cut, and what looks like a secret is left out. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface AuditEntry extends AuditEvent {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** By the clock of whoever appended it, ms since the epoch: the order is that of the sequence. */
  readonly at: number;
  /** Of the entry before it: SHA-256 of its canonical JSON (RFC 8785), hex. */
  readonly previous: string;
}

/** The end of a chain, as far as the next entry must know it. */
export interface Link {
  readonly sequence: number;
  readonly hash: string;
}

/** What the first entry follows. */
export const BEGINNING: Link = { sequence: 0, hash: '0'.repeat(64) };

const MAX_ACTION = 100;
const MAX_ACTOR = 300;
/** The longest key, its route and what stands between them. */
const MAX_SUBJECT = 1_200;

/** The entry of this event, behind `last`. What is too long is cut. */
export function entryAfter({ sequence, hash }: Link, { action, actor, subject, details }: AuditEvent, at: number): AuditEntry {
  const facts = details && boundedDetails(details);
  return {
    sequence: sequence + 1,
    at,
    action: shortened(action, MAX_ACTION),
    actor: shortened(actor, MAX_ACTOR),
    ...(subject === undefined ? {} : { subject: shortened(subject, MAX_SUBJECT) }),
    ...(facts && Object.keys(facts).length > 0 ? { details: facts } : {}),
    previous: hash,
  };
}

/** What came of what was told before. @param intent as appending it answered */
export function outcomeOf({ action, actor, subject }: AuditEvent, intent: Link, details: Readonly<Record<string, unknown>>): AuditEvent {
  return { action: `${action}.outcome`, actor, ...(subject === undefined ? {} : { subject }), details: { intent: intent.sequence, ...details } };
}

/** True for what has the shape of an entry, whoever wrote it. */
export function isEntry(value: unknown): value is AuditEntry {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  return (
    [fields.sequence, fields.at].every(Number.isSafeInteger) &&
    [fields.action, fields.actor, fields.previous].every((text) => typeof text === 'string') &&
    (fields.subject === undefined || typeof fields.subject === 'string') &&
    (fields.details === undefined || (typeof fields.details === 'object' && fields.details !== null && !Array.isArray(fields.details)))
  );
}
