/** The embedded host between two real S3 servers, told of changes by the source's own webhook. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Log } from '../../lambdas/shared/log.ts';
import type { S3Bucket } from '../../lib/adapters/s3/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../lib/config/config.ts';
import { fromEnv } from '../../lib/config/from-env.ts';
import type { Route } from '../../lib/core/routes/route.ts';
import { type RunningHost, startHost } from '../../lib/local/host.ts';
import { serverAvailable } from '../fixtures/s3-servers.ts';
import { type PairOptions, S3Pair, type SourcePlace } from './s3-pair.ts';
import { type Answer, type TestEvent, textOf } from './support.ts';

/** Generous: reached only when a test fails. */
const PATIENCE = { timeout: 25_000, interval: 20 };

/** Each server once on either side. */
export const LINKS = [
  { source: 'versitygw', destination: 'minio', versioned: false },
  { source: 'minio', destination: 'versitygw', versioned: true },
] as const;

/** False, and said aloud, where a server of LINKS is missing. */
export function serversAvailable(): boolean {
  return (['versitygw', 'minio'] as const).map(serverAvailable).every(Boolean);
}

export interface S3HostOptions extends PairOptions {
  readonly route?: Partial<Route>;
  readonly limits?: Partial<Limits>;
}

export class S3HostUnderTest {
  readonly pair: S3Pair;
  /** What the host warned of, each as one text. */
  readonly warnings: string[] = [];
  readonly #limits: Limits;
  readonly #folder: string;
  readonly #route: Partial<Route>;
  #place: Partial<SourcePlace> = {};
  #host: RunningHost | null = null;

  private constructor(pair: S3Pair, folder: string, limits: Partial<Limits>, route: Partial<Route>) {
    this.pair = pair;
    this.#folder = folder;
    this.#route = route;
    this.#limits = { ...DEFAULT_LIMITS, deleteGraceSec: 1, ...limits };
  }

  static async create({ limits = {}, route = {}, ...options }: S3HostOptions): Promise<S3HostUnderTest> {
    const test = new S3HostUnderTest(await S3Pair.create(options), await mkdtemp(join(tmpdir(), 'tidemark-s3-host-')), limits, route);
    await test.start();
    return test;
  }

  get source(): S3Bucket {
    return this.pair.source;
  }

  get destination(): S3Bucket {
    return this.pair.destination;
  }

  async start(): Promise<void> {
    const env = this.pair.env(this.#place);
    const { config } = fromEnv(env);
    const host = { host: '127.0.0.1', port: 0, databaseUrl: join(this.#folder, 'tidemark.db') };
    this.#host = await startHost({
      config: { ...config, routes: config.routes.map((each) => ({ ...each, ...this.#route })), limits: this.#limits },
      host,
      env,
      log: this.#log(),
    });
    this.pair.relay.target = `${this.#host.url}/events/s3`;
  }

  async stop(): Promise<void> {
    this.pair.relay.target = null;
    await this.#host?.stop();
    this.#host = null;
  }

  /** From its next start on, the host takes another bucket for its source. */
  repoint(place: Partial<SourcePlace>): void {
    this.#place = place;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.#host?.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const parsed: Record<string, unknown> = JSON.parse(await answer.text());
    return { status: answer.status, body: parsed };
  }

  async events(key: string): Promise<readonly TestEvent[]> {
    const { body } = await this.call('GET', `/events?limit=100&keyLike=${encodeURIComponent(key)}`);
    return body.events as TestEvent[];
  }

  async statuses(key: string): Promise<readonly string[]> {
    return (await this.events(key)).map(({ status }) => status);
  }

  /** Waits until the destination holds this text under the key. */
  async arrives(key: string, text: string): Promise<void> {
    await expect.poll(() => textOf(this.destination, key), PATIENCE).toBe(text);
  }

  async goes(key: string): Promise<void> {
    await expect.poll(async () => (await this.destination.head(key)).present, PATIENCE).toBe(false);
  }

  /** Waits until no delivery is open and no message is due: looks that wait for later, in case someone died, are not waited for. */
  async settles(): Promise<void> {
    const backlog = async (): Promise<number> => ((await this.call('GET', '/metrics')).body.backlog as { objects: number }).objects;
    await expect.poll(backlog, PATIENCE).toBe(0);
  }

  async eventually<T>(look: () => Promise<T> | T, expected: T): Promise<void> {
    await expect.poll(look, PATIENCE).toEqual(expected);
  }

  async dispose(): Promise<void> {
    await this.stop();
    await this.pair.dispose();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #log(): Log {
    const quiet = (): void => undefined;
    return { debug: quiet, info: quiet, error: quiet, warn: (message, fields) => void this.warnings.push(`${message} ${JSON.stringify(fields)}`) };
  }
}
