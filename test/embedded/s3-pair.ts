/** Two real S3 servers with a bucket each, of which the first, or both, tell a host of their changes. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketNotificationConfigurationCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { createS3Region, type S3Bucket, type S3Region } from '../../lib/adapters/s3/index.ts';
import { removeAll } from '../../lib/adapters/s3/remove-all.ts';
import type { TidemarkInput } from '../../lib/config/define.ts';
import { type S3Server, type ServerKind, startS3Server } from '../fixtures/s3-servers.ts';
import { Gate } from './gate.ts';

export interface PairOptions {
  readonly source: ServerKind;
  readonly destination: ServerKind;
  readonly versioned: boolean;
  /** Of the destination. @default as the source */
  readonly versionedThere?: boolean;
  /** The destination tells of its changes, too. @default false */
  readonly bothTell?: boolean;
  /** The host reaches the servers through gates. @default false */
  readonly gated?: boolean;
}

/** Which bucket a host is to take for its source. */
export interface SourcePlace {
  readonly endpoint: string;
  readonly bucket: string;
}

/** Stands between the store, which must know the webhook's address when it starts, and the host, which starts after it. */
export class Relay {
  readonly #server: Server;
  /** Null: what the store tells is answered 200, and reaches nobody. */
  target: string | null = null;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
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

export class S3Pair {
  readonly servers: readonly [S3Server, S3Server];
  /** Both reach their servers directly, whatever the gates do. */
  readonly source: S3Bucket;
  readonly destination: S3Bucket;
  readonly relay: Relay;
  readonly #gates: readonly Gate[];
  readonly #regions: readonly [S3Region, S3Region];
  readonly #versioned: boolean;

  private constructor(
    servers: readonly [S3Server, S3Server],
    names: readonly [string, string],
    relay: Relay,
    gates: readonly Gate[],
    versioned: boolean,
  ) {
    this.servers = servers;
    this.relay = relay;
    this.#gates = gates;
    this.#versioned = versioned;
    this.#regions = [createS3Region(servers[0]), createS3Region(servers[1])];
    this.source = this.#regions[0].bucket(names[0]);
    this.destination = this.#regions[1].bucket(names[1]);
  }

  static async create({ source, destination, versioned, versionedThere = versioned, bothTell = false, gated = false }: PairOptions): Promise<S3Pair> {
    const relay = await Relay.start();
    const servers = [
      await startS3Server(source, { webhook: relay.url }),
      await startS3Server(destination, bothTell ? { webhook: relay.url } : {}),
    ] as const;
    const names = [await servers[0].createBucket({ versioned }), await servers[1].createBucket({ versioned: versionedThere })] as const;
    if (source === 'minio') await notify(servers[0], names[0]);
    if (bothTell && destination === 'minio') await notify(servers[1], names[1]);
    const gates = gated ? await Promise.all(servers.map(({ endpoint }) => Gate.start(endpoint))) : [];
    return new S3Pair(servers, names, relay, gates, versioned);
  }

  gate(side: 'source' | 'destination'): Gate {
    const gate = this.#gates[side === 'source' ? 0 : 1];
    if (!gate) throw new Error('this pair was made without gates');
    return gate;
  }

  /** As PRIMARY_S3_… and SECONDARY_S3_…; the variables that `regions` names are among them. */
  env(place: Partial<SourcePlace> = {}): Record<string, string> {
    const env: Record<string, string> = {};
    for (const [index, { endpoint, region, credentials }] of this.servers.entries()) {
      const prefix = index === 0 ? 'PRIMARY_S3' : 'SECONDARY_S3';
      const over = index === 0 ? place : {};
      env[`${prefix}_ENDPOINT`] = over.endpoint ?? this.#gates[index]?.endpoint ?? endpoint;
      env[`${prefix}_REGION`] = region;
      env[`${prefix}_BUCKET`] = over.bucket ?? (index === 0 ? this.source : this.destination).name;
      env[`${prefix}_ACCESS_KEY`] = credentials.accessKeyId;
      env[`${prefix}_SECRET_KEY`] = credentials.secretAccessKey;
      env[`${prefix}_FORCE_PATH_STYLE`] = '1';
    }
    return env;
  }

  /** For a configuration file, which gives limits too. */
  regions(): TidemarkInput['regions'] {
    const env = this.env();
    const region = (prefix: string): TidemarkInput['regions'][string] => ({
      bucket: { existing: env[`${prefix}_BUCKET`] ?? '' },
      awsRegion: env[`${prefix}_REGION`] ?? '',
      endpoint: env[`${prefix}_ENDPOINT`] ?? '',
      credentials: { accessKeyEnv: `${prefix}_ACCESS_KEY`, secretKeyEnv: `${prefix}_SECRET_KEY` },
    });
    return { primary: region('PRIMARY_S3'), secondary: region('SECONDARY_S3') };
  }

  /** @param keys all that it holds */
  async dropSource(keys: readonly string[]): Promise<void> {
    const { admin } = this.servers[0];
    await removeAll(admin, this.source.name, '', keys);
    await admin.send(new DeleteBucketCommand({ Bucket: this.source.name }));
  }

  /** Empty, under its former name. */
  async createSourceAgain(): Promise<void> {
    const [server] = this.servers;
    const { name } = this.source;
    await server.admin.send(new CreateBucketCommand({ Bucket: name }));
    if (this.#versioned) {
      await server.admin.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    if (server.kind === 'minio') await notify(server, name);
  }

  async dispose(): Promise<void> {
    for (const region of this.#regions) region.close();
    for (const gate of this.#gates) await gate.shut();
    for (const server of this.servers) await server.stop();
    this.relay.stop();
  }
}

async function notify(server: S3Server, bucket: string): Promise<void> {
  const Events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'] as const;
  const QueueConfigurations = [{ QueueArn: 'arn:minio:sqs::TEST:webhook', Events: [...Events] }];
  await server.admin.send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: { QueueConfigurations } }));
}
