/** A bucket behind the network, as a region's store. */

import { PreconditionFailedError, TidemarkError } from '../../../lib/core/errors.ts';
import { ABSENT, type Observation, type Sight } from '../../../lib/core/objects/sight.ts';
import type { Body, Capabilities, ListedObject, RegionStore, WriteOptions, Written } from '../../../lib/ports/objects.ts';
import type { Network } from '../network.ts';
import type { Actor } from '../scheduler.ts';
import type { Bucket, Version } from './bucket.ts';

export class ModelStore implements RegionStore {
  readonly bucket: Bucket;
  readonly provesIdentity = true;
  readonly #network: Network;
  readonly #actor: Actor;
  readonly #poisoned: (key: string) => boolean;

  constructor(bucket: Bucket, network: Network, actor: Actor, poisoned: (key: string) => boolean) {
    this.bucket = bucket;
    this.#network = network;
    this.#actor = actor;
    this.#poisoned = poisoned;
  }

  #call<T>(what: string, effect: () => T, signal?: AbortSignal): Promise<T> {
    return this.#network.call(this.#actor, `${this.bucket.name}.${what}`, effect, signal, this.bucket.unreachable);
  }

  head(key: string, options: { readonly tags?: boolean } = {}): Promise<Observation> {
    return this.#call(`head ${key}`, () => {
      this.bucket.assertThere();
      const version = this.bucket.current(key);
      return version ? { present: true, sight: this.bucket.sightOf(version, options.tags ?? false) } : ABSENT;
    });
  }

  read(key: string, pin: { readonly etag: string }, signal?: AbortSignal): Promise<{ sight: Sight; body: Body }> {
    return this.#call(
      `read ${key}`,
      () => {
        this.bucket.assertThere();
        const version = this.bucket.current(key);
        if (!version || this.bucket.etagOf(version.label) !== pin.etag) throw new PreconditionFailedError('source', key);
        const sight = this.bucket.sightOf(version, false);
        // streamObject passes on the sight's own headers and metadata; the stamp rides on the metadata object.
        stampsOfMetadata.set(sight.metadata, version);
        return { sight, body: new TextEncoder().encode(version.label) };
      },
      signal,
    );
  }

  async write(key: string, body: Body, options: WriteOptions): Promise<Written> {
    if (!(body instanceof Uint8Array)) throw new TypeError('the model reads whole bodies');
    await this.#call(`send ${key}`, () => this.bucket.assertThere(), options.signal);
    options.beforeCommit?.();
    return this.#call(
      `write ${key}${conditionText(options.condition)}`,
      () => {
        if (this.#poisoned(key)) throw new TidemarkError('REJECTED', 'this key is refused');
        const version = stampsOfMetadata.get(options.like.metadata);
        const label = new TextDecoder().decode(body);
        const content = {
          ...contentOf(options.like),
          label,
          size: body.byteLength,
          stamp: version?.stamp ?? -1,
          lastModified: this.#network.scheduler.now + this.bucket.skewMs,
        };
        return this.bucket.writtenOf(this.bucket.put(key, content, this.bucket.traits.conditionalPut ? options.condition : undefined));
      },
      options.signal,
    );
  }

  remove(key: string, options: { readonly condition?: { readonly ifMatch: string }; readonly signal?: AbortSignal } = {}): Promise<void> {
    return this.#call(`remove ${key}${conditionText(options.condition)}`, () => this.bucket.remove(key, options.condition), options.signal);
  }

  putTags(key: string, tags: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<void> {
    return this.#call(`put tags ${key} ${JSON.stringify(tags)}`, () => this.bucket.retag(key, tags.tag ?? ''), signal);
  }

  capabilities(): Promise<Capabilities> {
    return Promise.resolve({ ...this.bucket.traits, writable: true, tags: true, checksums: false });
  }

  check(): Promise<void> {
    return this.#call('check', () => this.bucket.assertThere());
  }

  list(): Promise<{ objects: readonly ListedObject[] }> {
    return this.#call('list', () => {
      this.bucket.assertThere();
      const objects = this.bucket.keys().flatMap((key) => {
        const version = this.bucket.current(key);
        if (!version) return [];
        const { etag, size, lastModified } = this.bucket.sightOf(version, false);
        return [{ key, etag, size, lastModified }];
      });
      return { objects };
    });
  }
}

const stampsOfMetadata = new WeakMap<object, Version>();

export function contentOf(sight: Sight): { readonly meta: string; readonly tags: string } {
  return { meta: sight.metadata.m ?? '', tags: sight.tags?.tag ?? '' };
}

export function conditionText(condition: object | undefined): string {
  return condition ? ` ${JSON.stringify(condition)}` : '';
}
