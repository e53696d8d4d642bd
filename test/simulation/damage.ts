/** Bytes that rot at rest: no etag, no listing and no event shows it. A deep comparison reads both sides, and a repair tells what it found. */
import type { ObjectChange } from '../../lib/core/change.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import type { Held } from '../../lib/core/verify/difference.ts';
import { REASONS } from '../../lib/core/verify/judge.ts';
import { repairOf } from '../../lib/core/verify/repair.ts';
import type { Bucket, Version } from './model/bucket.ts';

export class Damage {
  readonly #route: Route;
  readonly #source: Bucket;
  readonly #destination: Bucket;

  constructor(route: Route, source: Bucket, destination: Bucket) {
    this.#route = route;
    this.#source = source;
    this.#destination = destination;
  }

  /** Keys whose copy has its source's etag, and other bytes. */
  found(): string[] {
    return this.#destination.keys().filter((key) => {
      const [source, copy] = [this.#source.current(key), this.#destination.current(key)];
      return source !== null && copy?.damaged === true && this.#source.etagOf(source.label) === this.#destination.etagOf(copy.label);
    });
  }

  /** @returns what a deep repair asks for at this moment */
  repairs(now: number): ObjectChange[] {
    return this.found().flatMap((key) => {
      const [source, destination] = [heldAt(this.#source, this.#source.current(key)), heldAt(this.#destination, this.#destination.current(key))];
      const difference = {
        key,
        kind: 'different',
        reason: REASONS.bytes,
        ...(source ? { source } : {}),
        ...(destination ? { destination } : {}),
      } as const;
      const change = repairOf(this.#route, difference, undefined, { ts: now, delete: false });
      return change ? [change] : [];
    });
  }
}

function heldAt(bucket: Bucket, version: Version | null): Held | undefined {
  if (!version) return undefined;
  const { etag, size, lastModified } = bucket.sightOf(version, false);
  return { etag, size, lastModified };
}
