/** The canary of a route: a small object that is written at the source again and again, so that its arrival shows that the whole way is open. */

/** What a canary says of itself, as metadata; ms since the epoch. */
export interface CanaryMark {
  readonly sentAt: number;
  /** When the first one was sent of those that had not arrived then. */
  readonly since: number;
}

export interface CanarySeen {
  /** At the source; absent: none was ever sent. */
  readonly sent?: CanaryMark;
  /** At the destination, with when it was written there. */
  readonly arrived?: CanaryMark & { readonly at: number };
}

export interface CanaryVerdict {
  /** How long the newest one took, or the oldest one that has not arrived has taken so far, ms; undefined before the first. */
  readonly delayMs: number | undefined;
  /** The next one, where it is time for it. */
  readonly next: CanaryMark | null;
}

const SENT_AT = 'tidemark-sent-at';
const SINCE = 'tidemark-since';

export function judgeCanary({ sent, arrived }: CanarySeen, everyMs: number, now: number): CanaryVerdict {
  if (!sent) return { delayMs: undefined, next: { sentAt: now, since: now } };
  const isHere = arrived?.sentAt === sent.sentAt;
  const next = now - sent.sentAt < everyMs ? null : { sentAt: now, since: isHere ? now : sent.since };
  if (arrived && isHere) return { delayMs: Math.max(0, arrived.at - sent.sentAt), next };
  // Where they do arrive, only late, the oldest under way is the one that was sent after the last that arrived.
  const waitsSince = Math.max(sent.since, arrived ? arrived.sentAt + everyMs : 0);
  return { delayMs: Math.max(0, now - waitsSince), next };
}

export function markedAs({ sentAt, since }: CanaryMark): Readonly<Record<string, string>> {
  return { [SENT_AT]: String(sentAt), [SINCE]: String(since) };
}

/** @returns undefined for an object that is no canary */
export function markOf(metadata: Readonly<Record<string, string>>): CanaryMark | undefined {
  const [sentAt, since] = [Number(metadata[SENT_AT]), Number(metadata[SINCE])];
  return Number.isSafeInteger(sentAt) && Number.isSafeInteger(since) ? { sentAt, since } : undefined;
}
