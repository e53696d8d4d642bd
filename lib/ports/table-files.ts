/** The files of one table, by names relative to its location. */
export interface TableFiles {
  /** As the table's metadata names it, without a slash at its end: `s3://bucket/…` or `file:///…`. */
  readonly location: string;
  /**
   * A file, or a part of it.
   * @param part bytes from `start` up to, not including, `end`; no more than the file has
   * @returns null where there is none
   */
  get(name: string, part?: { readonly start: number; readonly end: number }): Promise<Uint8Array | null>;
  /**
   * Durable when it resolves.
   * @param condition `absent`: only where nothing is there, decided by the store in one step
   * @returns false where something was there and the condition forbade it
   * @throws TidemarkError with `outcomeUnknown` where no answer came: it may be there, or still be made
   */
  put(name: string, bytes: Uint8Array, condition: 'absent' | 'any'): Promise<boolean>;
  /** Every file below the location, in any order. */
  list(): AsyncIterable<TableFile>;
  /** What is not there is no failure. */
  remove(name: string): Promise<void>;
}

export interface TableFile {
  readonly name: string;
  readonly bytes: number;
  /** By the store's clock, ms since the epoch. */
  readonly modified: number;
}
