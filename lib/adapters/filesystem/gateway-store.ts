/** A folder's objects as a gateway serves them. */
import type { Observation } from '../../core/objects/sight.ts';
import type { GatewayStore, NotServed, PutOptions, ReadOptions, ServedBody, ServedObject, Stored } from '../../ports/gateway-store.ts';
import type { Body } from '../../ports/objects.ts';
import { judged, judgedRead } from '../gateway/judged.ts';
import { receive } from '../gateway/receive.ts';
import { within } from '../gateway/within.ts';
import { conditionOf, demandKey } from '../gateway/writes.ts';
import type { FolderBucket } from './bucket.ts';

/** As long as other stores wait for a silent sender. */
const IDLE_MS = 15_000;

/** Conditions of writes hold under the key's lock, among all writers of this process. Checksums are compared, and not kept. */
export class FolderGatewayStore implements GatewayStore {
  readonly presign = null;
  readonly #bucket: FolderBucket;
  readonly #idleMs: number;

  /** @param idleMs of silence within the body of a put */
  constructor(bucket: FolderBucket, idleMs: number = IDLE_MS) {
    this.#bucket = bucket;
    this.#idleMs = idleMs;
  }

  check(signal?: AbortSignal): Promise<void> {
    return within(signal, () => this.#bucket.check());
  }

  async head(key: string, options: ReadOptions = {}): Promise<ServedObject | NotServed> {
    demandKey(key);
    return judged(await this.#look(key, options.signal), options);
  }

  async get(key: string, options: ReadOptions = {}): Promise<ServedBody | NotServed> {
    demandKey(key);
    const { signal } = options;
    return judgedRead(
      key,
      options,
      () => this.#look(key, signal),
      (pin) => within(signal, () => this.#bucket.read(key, pin, signal)),
    );
  }

  async put(key: string, body: Body, options: PutOptions): Promise<Stored> {
    demandKey(key);
    const { headers, metadata, size, signal, beforeCommit } = options;
    const received = receive(body, options, this.#idleMs);
    const condition = await conditionOf(key, options, () => this.#look(key, signal));
    const written = await this.#bucket.write(key, received.body, {
      like: { etag: '', size: size ?? 0, lastModified: 0, headers, metadata },
      ...(size === undefined ? {} : { size }),
      ...(condition ? { condition } : {}),
      ...(signal ? { signal } : {}),
      ...(beforeCommit ? { beforeCommit } : {}),
    });
    return { ...written, size: received.size() };
  }

  async remove(key: string, { ifMatch, signal }: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {}): Promise<void> {
    demandKey(key);
    const condition = ifMatch === undefined ? undefined : await conditionOf(key, { ifMatch }, () => this.#look(key, signal));
    const held = condition && 'ifMatch' in condition ? { condition } : {};
    await this.#bucket.remove(key, { ...held, ...(signal ? { signal } : {}) });
  }

  #look(key: string, signal: AbortSignal | undefined): Promise<Observation> {
    return within(signal, () => this.#bucket.head(key));
  }
}
