/** The embedded host between two real S3 servers, told of changes by the source's own webhook. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { createS3Region, type S3Bucket, type S3Region } from '../../lib/adapters/s3/index.ts';
import { DEFAULT_LIMITS } from '../../lib/config/config.ts';
import { fromEnv } from '../../lib/config/from-env.ts';
import { type RunningHost, startHost } from '../../lib/local/host.ts';
import { type S3Server, type ServerKind, startS3Server } from '../fixtures/s3-servers.ts';

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export interface S3HostOptions {
  readonly source: ServerKind;
  readonly destination: ServerKind;
  readonly versioned: boolean;
}

/** Stands between the store, which must know the webhook's address when it starts, and the host, which starts after it. */
class Relay {
  readonly #server: Server;
  target: string | null = null;
  received = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      relay.received++;
      const sent = relay.target ? await fetch(relay.target, { method: 'POST', body: Buffer.concat(chunks) }).catch(() => null) : { status: 200 };
      response.writeHead(sent?.status ?? 503).end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return `http://127.0.0.1:${address.port}/events/s3`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class S3HostUnderTest {
  readonly source: S3Bucket;
  readonly destination: S3Bucket;
  readonly relay: Relay;
  readonly servers: readonly [S3Server, S3Server];
  readonly #regions: readonly S3Region[];
  readonly #folder: string;
  #host: RunningHost | null = null;

  private constructor(
    servers: readonly [S3Server, S3Server],
    regions: readonly S3Region[],
    buckets: readonly [S3Bucket, S3Bucket],
    relay: Relay,
    folder: string,
  ) {
    this.servers = servers;
    this.#regions = regions;
    [this.source, this.destination] = buckets;
    this.relay = relay;
    this.#folder = folder;
  }

  static async create({ source, destination, versioned }: S3HostOptions): Promise<S3HostUnderTest> {
    const relay = await Relay.start();
    const servers = [await startS3Server(source, { webhook: relay.url }), await startS3Server(destination)] as const;
    const names = [await servers[0].createBucket({ versioned }), await servers[1].createBucket({ versioned })] as const;
    if (source === 'minio') await notify(servers[0], names[0]);
    const regions = servers.map((server) => createS3Region(server));
    const buckets = regions.map((region, side) => region.bucket(names[side] ?? ''));
    const [from, to] = buckets;
    if (!from || !to) throw new Error('two buckets were made');
    const test = new S3HostUnderTest(servers, regions, [from, to], relay, await mkdtemp(join(tmpdir(), 'tidemark-s3-host-')));
    await test.start();
    return test;
  }

  async start(): Promise<void> {
    const sides = [this.source, this.destination].map(({ name }, side) => ({ name, server: this.servers[side] }));
    const env: Record<string, string> = {};
    for (const [index, { name, server }] of sides.entries()) {
      const prefix = index === 0 ? 'PRIMARY_S3' : 'SECONDARY_S3';
      env[`${prefix}_ENDPOINT`] = server?.endpoint ?? '';
      env[`${prefix}_REGION`] = server?.region ?? '';
      env[`${prefix}_BUCKET`] = name;
      env[`${prefix}_ACCESS_KEY`] = server?.credentials.accessKeyId ?? '';
      env[`${prefix}_SECRET_KEY`] = server?.credentials.secretAccessKey ?? '';
      env[`${prefix}_FORCE_PATH_STYLE`] = '1';
    }
    const { config } = fromEnv(env);
    const limits = { ...DEFAULT_LIMITS, deleteGraceSec: 1 };
    const host = { host: '127.0.0.1', port: 0, databaseUrl: join(this.#folder, 'tidemark.db') };
    this.#host = await startHost({ config: { ...config, limits }, host, env, log: QUIET });
    this.relay.target = `${this.#host.url}/events/s3`;
  }

  async stop(): Promise<void> {
    this.relay.target = null;
    await this.#host?.stop();
    this.#host = null;
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.#host?.url}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const parsed: Record<string, unknown> = JSON.parse(await answer.text());
    return { status: answer.status, body: parsed };
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const region of this.#regions) region.close();
    for (const server of this.servers) await server.stop();
    this.relay.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function notify(server: S3Server, bucket: string): Promise<void> {
  const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const;
  const QueueConfigurations = [{ QueueArn: 'arn:minio:sqs::TEST:webhook', Events: [...Events] }];
  await server.admin.send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: { QueueConfigurations } }));
}
