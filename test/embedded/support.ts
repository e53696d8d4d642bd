/** An embedded host of its own for a test: a folder of its own, two folder regions, a free port. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Log } from '../../lambdas/shared/log.ts';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { DEFAULT_LIMITS, type Limits, type TidemarkConfig } from '../../lib/config/config.ts';
import type { HostConfig } from '../../lib/config/host.ts';
import type { Sight } from '../../lib/core/objects/sight.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import { type RunningHost, startHost } from '../../lib/local/host.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { expectDocumented } from '../fixtures/documented.ts';

const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** Generous: reached only when a test fails. */
const PATIENCE = { timeout: 25_000, interval: 20 };

export interface TestEvent {
  readonly id: string;
  readonly op: string;
  readonly key: string;
  readonly etag?: string;
  readonly size?: number;
  readonly status: string;
  readonly attempts: number;
  readonly lastError?: string;
  readonly srcRegion: string;
  readonly dstRegion: string;
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export class HostUnderTest {
  readonly folder: string;
  readonly config: TidemarkConfig;
  readonly source: FolderBucket;
  readonly destination: FolderBucket;
  #host: RunningHost | null = null;
  readonly #settings: Partial<HostConfig>;

  private constructor(folder: string, limits: Partial<Limits>, settings: Partial<HostConfig>, route: Partial<Route>) {
    const path = (region: string): string => join(folder, 'regions', region);
    this.folder = folder;
    this.#settings = settings;
    this.config = {
      name: 'test',
      regions: {
        primary: { kind: 'folder', name: 'primary', path: path('primary') },
        secondary: { kind: 'folder', name: 'secondary', path: path('secondary') },
      },
      routes: [{ name: 'primary-secondary', from: 'primary', to: 'secondary', prefix: '', deletes: true, ...route }],
      limits: { ...DEFAULT_LIMITS, deleteGraceSec: 1, ...limits },
    };
    const clock = new SystemClock();
    this.source = new FolderBucket(path('primary'), { clock });
    this.destination = new FolderBucket(path('secondary'), { clock });
  }

  static async create(limits: Partial<Limits> = {}, settings: Partial<HostConfig> = {}, route: Partial<Route> = {}): Promise<HostUnderTest> {
    const test = new HostUnderTest(await mkdtemp(join(tmpdir(), 'tidemark-host-')), limits, settings, route);
    await test.start();
    return test;
  }

  async start(): Promise<void> {
    const host = { host: '127.0.0.1', port: 0, databaseUrl: join(this.folder, 'tidemark.db'), ...this.#settings };
    this.#host = await startHost({ config: this.config, host, env: {}, log: QUIET });
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
    this.#host = null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    if (!this.#host) throw new Error('the host does not run');
    return this.#host.url;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
    const answer = await fetch(`${this.url}${path}`, { method, headers, ...sent });
    const text = await answer.text();
    expectDocumented(method, path, { status: answer.status, headers: Object.fromEntries(answer.headers), text });
    const parsed: Record<string, unknown> = JSON.parse(text);
    return { status: answer.status, body: parsed };
  }

  async events(query: string = ''): Promise<readonly TestEvent[]> {
    const { body } = await this.call('GET', `/events?limit=100${query}`);
    return body.events as TestEvent[];
  }

  /** Deliveries that are pending or in progress. */
  async open(): Promise<number> {
    const { body } = await this.call('GET', '/metrics');
    const counts = body.counts as Record<string, number>;
    return (counts.pending ?? 0) + (counts.in_progress ?? 0);
  }

  /** Waits until the destination holds this text under the key. */
  async arrives(key: string, text: string): Promise<void> {
    await expect.poll(() => textOf(this.destination, key), PATIENCE).toBe(text);
  }

  async goes(key: string): Promise<void> {
    await expect.poll(async () => (await this.destination.head(key)).present, PATIENCE).toBe(false);
  }

  async eventually<T>(look: () => Promise<T> | T, expected: T): Promise<void> {
    await expect.poll(look, PATIENCE).toEqual(expected);
  }
}

export const mounted = (path: string): boolean => existsSync(path);

/** Writes an object as a program that uses the same format would: all or nothing, with its properties. */
export async function put(
  store: RegionStore,
  key: string,
  text: string,
  properties: Partial<Pick<Sight, 'headers' | 'metadata' | 'tags'>> = {},
): Promise<void> {
  const body = Buffer.from(text);
  const like: Sight = { etag: '', size: body.length, lastModified: 0, headers: {}, metadata: {}, ...properties };
  await store.write(key, body, { size: body.length, like });
}

/** @returns null when the object is absent, or was replaced between two looks */
export async function textOf(store: RegionStore, key: string): Promise<string | null> {
  const seen = await store.head(key);
  if (!seen.present) return null;
  try {
    const { body } = await store.read(key, { etag: seen.sight.etag });
    if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return null;
  }
}
