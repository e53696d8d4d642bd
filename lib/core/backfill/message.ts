/** A backfill's message: a look like any other, that also says for which backfill, so that its end can be counted. */
import type { ObjectChange } from '../change.ts';
import type { Listed } from '../objects/listed.ts';
import { lookMessage } from '../objects/message.ts';

export function backfillMessage(job: string, route: string, change: ObjectChange, listed?: Listed): string {
  // A look's own text, and one field more.
  return `${lookMessage(route, change.key, [change], listed).slice(0, -1)},"backfill":${JSON.stringify(job)}}`;
}

/** As the message is written, of an id that needs no escaping. Within a text (a key's as well) the quotes would be escaped. */
const NAMED_LAST = /,"backfill":"([^"\\]+)"\}$/;

/** @returns the id of the backfill that asked for the look; null for all other messages */
export function backfillOf(body: string): string | null {
  // Not parsed: the look itself parses the message, and nothing else of it is asked here.
  return NAMED_LAST.exec(body)?.[1] ?? null;
}
