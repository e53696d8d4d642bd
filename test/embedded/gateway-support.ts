/** An embedded host with a gateway over two regions that a test can take away: two folders, or two real S3 servers behind gates. */
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Log } from '../../lambdas/shared/log.ts';
import { FolderBucket } from '../../lib/adapters/filesystem/bucket.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { defineTidemark } from '../../lib/config/define.ts';
import type { GatewayInput } from '../../lib/config/gateway-input.ts';
import type { HostConfig } from '../../lib/config/host.ts';
import { type HostOptions, type RunningHost, startHost } from '../../lib/local/host.ts';
import type { RegionStore } from '../../lib/ports/objects.ts';
import { expectDocumented } from '../fixtures/documented.ts';
import type { ServerKind } from '../fixtures/s3-servers.ts';
import { S3Pair } from './s3-pair.ts';
import { textOf } from './support.ts';

const QUIET: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
/** Generous: reached only when a test fails. */
export const PATIENCE = { timeout: 25_000, interval: 20 };

export type RegionName = 'primary' | 'secondary';

export interface Regions {
  readonly config: Pick<Parameters<typeof defineTidemark>[0], 'regions'>;
  readonly env: Readonly<Record<string, string>>;
  readonly stores: Readonly<Record<RegionName, RegionStore>>;
  /** It does not answer any more, until `back`. */
  lose(region: RegionName): Promise<void>;
  back(region: RegionName): Promise<void>;
  dispose(): Promise<void>;
}

export async function folderRegions(): Promise<Regions> {
  const base = await mkdtemp(join(tmpdir(), 'tidemark-gateway-regions-'));
  const path = (region: string): string => join(base, region);
  const clock = new SystemClock();
  return {
    config: { regions: { primary: { folder: path('primary') }, secondary: { folder: path('secondary') } } },
    env: {},
    stores: { primary: new FolderBucket(path('primary'), { clock }), secondary: new FolderBucket(path('secondary'), { clock }) },
    lose: (region) => rename(path(region), path(`${region}-away`)),
    back: (region) => rename(path(`${region}-away`), path(region)),
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

/** @param keepsVersions of minio: without, it is no region of a gateway */
export async function serverRegions(source: ServerKind, destination: ServerKind, keepsVersions = true): Promise<Regions> {
  const versions = { versioned: keepsVersions && source === 'minio', versionedThere: keepsVersions && destination === 'minio' };
  const pair = await S3Pair.create({ source, destination, ...versions, gated: true });
  const config = { regions: pair.regions() };
  const gateOf = (region: RegionName) => pair.gate(region === 'primary' ? 'source' : 'destination');
  return {
    config,
    env: pair.env(),
    stores: { primary: pair.source, secondary: pair.destination },
    lose: (region) => gateOf(region).shut(),
    back: (region) => gateOf(region).open(),
    dispose: () => pair.dispose(),
  };
}

export class GatewayUnderTest {
  readonly regions: Regions;
  readonly folder: string;
  readonly #gateway: GatewayInput;
  readonly #settings: Partial<HostConfig>;
  readonly #maxBytes: HostOptions['gatewayMaxBytes'];
  #host: RunningHost | null = null;

  private constructor(
    regions: Regions,
    folder: string,
    gateway: GatewayInput,
    settings: Partial<HostConfig>,
    maxBytes: HostOptions['gatewayMaxBytes'],
  ) {
    this.#maxBytes = maxBytes;
    this.regions = regions;
    this.folder = folder;
    this.#gateway = gateway;
    this.#settings = settings;
  }

  static async create(
    regions: Regions,
    gateway: GatewayInput = {},
    settings: Partial<HostConfig> = {},
    maxBytes?: HostOptions['gatewayMaxBytes'],
  ): Promise<GatewayUnderTest> {
    const test = new GatewayUnderTest(
      regions,
      await mkdtemp(join(tmpdir(), 'tidemark-gateway-')),
      { mode: 'manual', leaseSec: 3, ...gateway },
      settings,
      maxBytes,
    );
    await test.start();
    return test;
  }

  /** @param databaseUrl another one: it knows nothing of what was before */
  async start(databaseUrl = join(this.folder, 'tidemark.db')): Promise<void> {
    const routes = [{ from: 'primary', to: 'secondary', bidirectional: true }];
    const config = defineTidemark({ ...this.regions.config, routes, gateway: this.#gateway, limits: { deleteGraceSec: 1 } });
    const host = { host: '127.0.0.1', port: 0, databaseUrl, ...this.#settings };
    this.#host = await startHost({ config, host, env: this.regions.env, log: QUIET, ...(this.#maxBytes ? { gatewayMaxBytes: this.#maxBytes } : {}) });
  }

  async stop(): Promise<void> {
    await this.#host?.stop();
    this.#host = null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
    await this.regions.dispose();
  }

  get url(): string {
    if (!this.#host) throw new Error('the host does not run');
    return this.#host.url;
  }

  urlOf(key: string): string {
    return `${this.url}/objects/${key.split('/').map(encodeURIComponent).join('/')}`;
  }

  put(key: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.urlOf(key), { method: 'PUT', body, headers });
  }

  get(key: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.urlOf(key), { headers });
  }

  async call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const answer = await fetch(`${this.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    expectDocumented(method, path, { status: answer.status, headers: Object.fromEntries(answer.headers), text });
    const parsed: Record<string, unknown> = JSON.parse(text);
    return { status: answer.status, body: parsed };
  }

  /** Waits until a region holds this text under the key; null: nothing. */
  async holds(region: RegionName, key: string, text: string | null): Promise<void> {
    await expect.poll(() => textOf(this.regions.stores[region], key), PATIENCE).toBe(text);
  }

  /** Writes again until somebody may. @returns where it was written */
  async written(key: string, text: string): Promise<string | null> {
    await expect.poll(async () => (await this.put(key, text)).status, PATIENCE).toBe(201);
    return (await this.get(key)).headers.get('x-tidemark-region');
  }
}
