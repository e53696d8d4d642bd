/** A bucket as S3 keeps it: strongly consistent, versioned or not, each request atomic. */
import { createHash } from 'node:crypto';
import { PreconditionFailedError, TidemarkError } from '../../../lib/core/errors.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';
import type { Condition, Written } from '../../../lib/ports/objects.ts';
import { Uploads } from './uploads.ts';
import type { Version } from './version.ts';

export type { Version } from './version.ts';

export interface BucketTraits {
  readonly versioned: boolean;
  readonly conditionalPut: boolean;
  readonly conditionalCopy: boolean;
  readonly conditionalDelete: boolean;
}

const etags = new Map<string, string>();

export function etagOf(label: string): string {
  let etag = etags.get(label);
  if (etag === undefined) {
    etag = createHash('md5').update(label).digest('hex');
    etags.set(label, etag);
  }
  return etag;
}

export class Bucket {
  readonly side: 'source' | 'destination';
  /** As a told schedule calls it. */
  readonly name: string;
  readonly traits: BucketTraits;
  readonly uploads: Uploads;
  /** No worker reaches it: the regions are split. */
  unreachable = false;
  /** The bucket is not there: deleted, misnamed, unmounted. */
  missing = false;
  /** Told of every change of a key, with what was and what is. */
  onChange: (key: string, before: Version | null, after: Version | null) => void = () => undefined;
  /** Newest last; null is a delete marker. */
  /** Of the store's clock, ms. */
  skewMs = 0;
  /** Its etags are of its own making and no hash of the bytes, as those of KMS are. */
  opaque = false;
  readonly #versions = new Map<string, (Version | null)[]>();
  #serial = 0;

  constructor(side: 'source' | 'destination', traits: BucketTraits, name: string = side) {
    this.side = side;
    this.name = name;
    this.traits = traits;
    this.uploads = new Uploads(name);
  }

  etagOf(label: string): string {
    return etagOf(this.opaque ? `${this.name} ${label}` : label);
  }

  sightOf(version: Version, withTags: boolean): Sight {
    const etag = this.etagOf(version.label);
    return {
      etag,
      ...(this.opaque ? {} : { md5: etag }),
      size: version.size,
      lastModified: Math.floor(version.lastModified / 1000) * 1000,
      ...(this.traits.versioned ? { versionId: version.versionId } : {}),
      headers: {},
      metadata: { m: version.meta },
      tagCount: version.tags === '' ? 0 : 1,
      ...(withTags ? { tags: tagsOf(version.tags) } : {}),
    };
  }

  /** What the store answers to who wrote it. */
  writtenOf({ label, versionId }: Version): Written {
    const etag = this.etagOf(label);
    return { etag, ...(this.opaque ? {} : { md5: etag }), versionId };
  }

  assertThere(): void {
    if (this.missing) throw new TidemarkError('BUCKET_MISSING', `the ${this.name} bucket is missing`);
  }

  /** What a reader sees; null: nothing. */
  current(key: string): Version | null {
    return this.#versions.get(key)?.at(-1) ?? null;
  }

  /** An old version that is still there, on versioned buckets. */
  version(key: string, versionId: string): Version | null {
    return this.#versions.get(key)?.find((version) => version?.versionId === versionId) ?? null;
  }

  keys(): string[] {
    return [...this.#versions.keys()].filter((key) => this.current(key)).sort();
  }

  put(key: string, content: Omit<Version, 'versionId'>, condition?: Condition): Version {
    this.assertThere();
    this.#check(key, condition);
    const version = { ...content, versionId: `v${++this.#serial}` };
    this.#push(key, version);
    return version;
  }

  remove(key: string, condition?: { readonly ifMatch: string }): void {
    this.assertThere();
    if (!this.current(key)) return;
    if (this.traits.conditionalDelete) this.#check(key, condition);
    this.#push(key, null);
  }

  /** @param stamp where the change of tags is a write of the user's by itself */
  retag(key: string, tags: string, stamp?: number): void {
    this.assertThere();
    const before = this.current(key);
    if (!before) throw new PreconditionFailedError('destination', key);
    const after = { ...before, tags, stamp: stamp ?? before.stamp };
    this.#versions.get(key)?.splice(-1, 1, after);
    this.onChange(key, before, after);
  }

  /** Nobody is told. */
  rot(key: string): void {
    const before = this.current(key);
    if (before) this.#versions.get(key)?.splice(-1, 1, { ...before, damaged: true });
  }

  #check(key: string, condition: Condition | undefined): void {
    if (!condition) return;
    const current = this.current(key);
    const holds = 'ifMatch' in condition ? current !== null && this.etagOf(current.label) === condition.ifMatch : current === null;
    if (!holds) throw new PreconditionFailedError(this.side, key);
  }

  #push(key: string, version: Version | null): void {
    const before = this.current(key);
    const versions = this.traits.versioned ? (this.#versions.get(key) ?? []) : [];
    this.#versions.set(key, [...versions, version]);
    this.onChange(key, before, version);
  }
}

export function tagsOf(tags: string): Record<string, string> {
  return tags === '' ? {} : { tag: tags };
}
