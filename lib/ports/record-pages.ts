import type { ReplicationRecord } from '../core/objects/record.ts';

export interface RecordQuery {
  readonly route: string;
  /** What every key begins with. */
  readonly prefix: string;
  /** Only keys that follow it in UTF-8 byte order. */
  readonly after?: string;
  /** Records looked at, 1 to 1,000. */
  readonly limit: number;
}

/** A route's records, of which each key has one. */
export interface RecordPages {
  /** In the UTF-8 byte order of their keys. `next`: there may be more after this key. */
  page(query: RecordQuery): Promise<{ readonly records: readonly ReplicationRecord[]; readonly next?: string }>;
}
