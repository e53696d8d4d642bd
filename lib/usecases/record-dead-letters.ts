/** What the queue gave up after too many receives, made visible: nothing in a dead-letter queue is the only copy of a fact (A10). */
import type { ObjectChange } from '../core/change.ts';
import { asTidemarkError, type TidemarkError } from '../core/errors.ts';
import { parseMessage } from '../core/objects/message.ts';
import type { RetryPolicy } from '../core/retry.ts';
import { carries, changeAt, type Route, sidesIn } from '../core/routes/route.ts';
import type { Queue } from '../ports/queue.ts';
import { type CrashDeps, recordCrash } from './record-crash.ts';
import { recordUnreadable } from './record-unreadable.ts';

export interface DeadLetterDeps extends CrashDeps {
  readonly routes: readonly Route[];
  readonly queue: Pick<Queue, 'park'>;
  readonly regionsOf: (bucket: string, awsRegion: string) => readonly string[];
}

export interface DeadLetterMessage {
  readonly messageId: string;
  readonly body: string;
  /** When it was first sent, ms since the epoch. */
  readonly sentAt?: number;
}

export interface DeadLettersRecorded {
  /** Keys whose failure was written down. */
  readonly recorded: number;
  /** Messages that name no key of any route, recorded as such. */
  readonly unreadable: number;
  /** Keys whose record tells of it already, or that were looked at since. */
  readonly known: number;
  /** By messageId, those that could not be recorded or parked, and why: they must be received again. */
  readonly failed: ReadonlyMap<string, TidemarkError>;
}

interface Told {
  readonly route: string;
  readonly key: string;
  readonly changes: readonly ObjectChange[];
}

/**
 * Each message is recorded, then parked among the dead letters, where a person reads it and a redrive finds it; the caller acknowledges it.
 * One message's failure leaves its neighbours recorded. Doing it again records nothing twice, but parks a second copy.
 */
export async function recordDeadLetters(
  deps: DeadLetterDeps,
  messages: readonly DeadLetterMessage[],
  policy: RetryPolicy,
): Promise<DeadLettersRecorded> {
  let recorded = 0;
  let unreadable = 0;
  let known = 0;
  const failed = new Map<string, TidemarkError>();
  for (const message of messages) {
    try {
      const told = toldBy(deps, message.body);
      if (typeof told === 'string') {
        await recordUnreadable(deps, message, told);
        unreadable++;
      } else {
        const { sentAt } = message;
        for (const work of told) {
          const isNew = await recordCrash(deps, { ...work, ...(sentAt === undefined ? {} : { sentAt }) }, policy);
          if (isNew) recorded++;
          else known++;
        }
      }
      if (told.length > 0)
        await deps.queue.park(message.body, typeof told === 'string' ? `MALFORMED_MESSAGE: ${told}` : 'CRASHED: received too often');
    } catch (error) {
      failed.set(message.messageId, asTidemarkError(error));
    }
  }
  return { recorded, unreadable, known, failed };
}

/** @returns what the message asked to look at; a text says why it cannot be read */
function toldBy({ routes, regionsOf }: DeadLetterDeps, body: string): readonly Told[] | string {
  const parsed = parseMessage(body);
  switch (parsed.kind) {
    case 'malformed':
      return parsed.reason;
    case 'test':
      return [];
    case 'look':
      return routes.some(({ name }) => name === parsed.route) ? [parsed] : `there is no route ${JSON.stringify(parsed.route)}`;
    case 'changes': {
      const byKey = new Map<string, { route: string; key: string; changes: ObjectChange[] }>();
      for (const { bucket, awsRegion, change } of parsed.changes) {
        const regions = regionsOf(bucket, awsRegion);
        for (const route of routes.filter((each) => sidesIn(each, regions).length > 0 && carries(each, change.key))) {
          const name = `${route.name}\n${change.key}`;
          const told = byKey.get(name) ?? { route: route.name, key: change.key, changes: [] };
          told.changes.push(...sidesIn(route, regions).map((side) => changeAt(change, side)));
          byKey.set(name, told);
        }
      }
      return [...byKey.values()];
    }
  }
}
