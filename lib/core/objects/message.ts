/** What lies in the queue: a store's notification, or Tidemark's own "look at this key". */
import { CHANGE_OPS, CHANGE_ORIGINS, type ObjectChange, SIDES } from '../change.ts';
import { keyProblem } from './key.ts';
import type { Listed } from './listed.ts';
import { isObject, type Notification, parseNotification, shown } from './notification.ts';

export interface LookMessage {
  readonly kind: 'look';
  readonly route: string;
  readonly key: string;
  /** What the record doesn't know yet; empty when its deliveries stand there already. */
  readonly changes: readonly ObjectChange[];
  /** What a listing showed of a key that only the source held, and nobody knew. */
  readonly listed?: Listed;
}

export type QueueMessage = Notification | LookMessage;

const LOOK = 'tidemark.look/1';

export function lookMessage(route: string, key: string, changes: readonly ObjectChange[] = [], listed?: Listed): string {
  return JSON.stringify({ type: LOOK, route, key, ...(changes.length === 0 ? {} : { changes }), ...(listed ? { listed } : {}) });
}

export function parseMessage(body: string): QueueMessage {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return { kind: 'malformed', reason: 'the message is not JSON' };
  }
  if (!isObject(parsed) || !('type' in parsed)) return parseNotification(parsed);
  if (parsed.type !== LOOK) return { kind: 'malformed', reason: `type is ${shown(parsed.type)}, ${LOOK} is known` };
  const { route, key, changes = [], listed } = parsed;
  if (typeof route !== 'string' || route === '') return { kind: 'malformed', reason: 'route is missing' };
  const problem = typeof key === 'string' ? keyProblem(key) : 'key is missing';
  if (typeof key !== 'string' || problem) return { kind: 'malformed', reason: problem ?? '' };
  if (!Array.isArray(changes) || !changes.every((change) => isChange(change, key)))
    return { kind: 'malformed', reason: 'changes holds something that is no change' };
  // One that is not understood is none: the key is looked at whole.
  return { kind: 'look', route, key, changes, ...(isListed(listed) ? { listed } : {}) };
}

function isChange(value: unknown, key: string): value is ObjectChange {
  return (
    isObject(value) &&
    CHANGE_OPS.some((op) => op === value.op) &&
    CHANGE_ORIGINS.some((origin) => origin === value.origin) &&
    value.key === key &&
    (value.side === undefined || SIDES.some((side) => side === value.side)) &&
    Number.isSafeInteger(value.ts) &&
    (value.size === undefined || typeof value.size === 'number') &&
    [value.etag, value.contentType, value.versionId, value.sequencer].every((fact) => fact === undefined || typeof fact === 'string')
  );
}

function isListed(value: unknown): value is Listed {
  return (
    isObject(value) &&
    typeof value.etag === 'string' &&
    value.etag !== '' &&
    Number.isSafeInteger(value.size) &&
    Number.isSafeInteger(value.lastModified) &&
    (value.storageClass === undefined || typeof value.storageClass === 'string')
  );
}
