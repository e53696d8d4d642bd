/** A backfill's message: a look like any other, that also says for which backfill, so that its end can be counted. */
import type { ObjectChange } from '../change.ts';
import type { Listed } from '../objects/listed.ts';
import { lookMessage } from '../objects/message.ts';
import { isObject } from '../objects/notification.ts';

export function backfillMessage(job: string, route: string, change: ObjectChange, listed?: Listed): string {
  // A look's own text, and one field more.
  return `${lookMessage(route, change.key, [change], listed).slice(0, -1)},"backfill":${JSON.stringify(job)}}`;
}

/** @returns the id of the backfill that asked for the look; null for all other messages */
export function backfillOf(body: string): string | null {
  // Most messages are none: nothing is parsed for them.
  if (!body.includes('"backfill":"')) return null;
  try {
    const parsed: unknown = JSON.parse(body);
    return isObject(parsed) && typeof parsed.backfill === 'string' ? parsed.backfill : null;
  } catch {
    return null;
  }
}
