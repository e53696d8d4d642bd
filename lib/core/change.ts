/** A Change: something happened to one key at a source. It says "look at this key"; it never carries the bytes. */

/** TAG is a change of tags alone; UNKNOWN stands for a message that could not be read, so that it can be shown. */
export const CHANGE_OPS = ['PUT', 'DELETE', 'TAG', 'UNKNOWN'] as const;
export type ChangeOp = (typeof CHANGE_OPS)[number];

/** `repair`: the bytes of the copy were read, and are not those of the source, whatever etags and records say. */
export const CHANGE_ORIGINS = ['s3', 'api', 'backfill', 'watch', 'reconcile', 'repair'] as const;
export type ChangeOrigin = (typeof CHANGE_ORIGINS)[number];

/**
 * True: the sender knows that it happened. False: something was seen to differ (a watched folder, two listings), and what a look
 * shows is all that there is to know. It decides what evidence for a delete a change is (O10).
 */
export const TELLS: Readonly<Record<ChangeOrigin, boolean>> = {
  s3: true,
  api: true,
  backfill: true,
  watch: false,
  reconcile: false,
  repair: false,
};

/** An end of a route, by its direction. On a bidirectional one both are written by users, and copied to. */
export const SIDES = ['from', 'to'] as const;
export type Side = (typeof SIDES)[number];

export function otherSide(side: Side): Side {
  return side === 'from' ? 'to' : 'from';
}

export interface ObjectChange {
  readonly op: ChangeOp;
  readonly key: string;
  readonly origin: ChangeOrigin;
  /** When it happened by its sender's clock, ms since the epoch. */
  readonly ts: number;
  /** Without quotes. */
  readonly etag?: string;
  readonly size?: number;
  readonly contentType?: string;
  readonly versionId?: string;
  /** S3's hexadecimal order of PUT and DELETE of one key; other stores send nonsense or none. */
  readonly sequencer?: string;
  /** Where it happened, on a bidirectional route. Absent: at `from`, as everything does on a one-way one. */
  readonly side?: Side;
}
