import type { Version } from './version.ts';

export interface Upload {
  readonly meta: string;
  readonly tags: string;
  /** Null: the source was another one already when the upload began, so that its parts alone say what it is a copy of. */
  readonly stamp: number | null;
  readonly parts: Map<number, Version>;
}

/** Multipart uploads live at the bucket that they were begun at, whoever began them, and no other knows their ids. */
export class Uploads {
  readonly byId = new Map<string, Upload>();
  readonly #bucket: string;
  #serial = 0;

  constructor(bucket: string) {
    this.#bucket = bucket;
  }

  nextId(): string {
    return `u${++this.#serial}-${this.#bucket}`;
  }
}
