/** A region of its own: an S3 server that can be killed, frozen and started again, on a folder that stays. */
import { mkdirSync } from 'node:fs';
import { createS3Region, type S3Bucket, type S3Region } from '../../../lib/adapters/s3/index.ts';
import { PROBE_PREFIX } from '../../../lib/core/routes/route.ts';
import { childOnPort } from '../../bench/support/usage.ts';
import { Gate } from '../../embedded/gate.ts';
import { type S3Server, startS3Server } from '../../fixtures/s3-servers.ts';
import { versionOf } from './body.ts';

const KIND = 'versitygw';

export class Region {
  readonly name: string;
  /** What the gateway and the host reach it through. */
  readonly gate: Gate;
  readonly bucketName: string;
  readonly server: S3Server;
  readonly #connection: S3Region;
  readonly #bucket: S3Bucket;
  readonly #folder: string;
  #running: S3Server | null;

  private constructor(name: string, server: S3Server, gate: Gate, bucketName: string, folder: string) {
    this.name = name;
    this.server = server;
    this.gate = gate;
    this.bucketName = bucketName;
    this.#running = server;
    this.#folder = folder;
    this.#connection = createS3Region(server);
    this.#bucket = this.#connection.bucket(bucketName);
  }

  /** @param folder what it keeps lies there */
  static async start(name: string, folder: string): Promise<Region> {
    mkdirSync(folder, { recursive: true });
    const server = await startS3Server(KIND, { folder });
    return new Region(name, server, await Gate.start(server.endpoint), await server.createBucket(), folder);
  }

  /** At once and without a word, as a machine does that loses its power; what it was told is kept. */
  async kill(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  async startAgain(): Promise<void> {
    this.#running = await startS3Server(KIND, { folder: this.#folder, port: Number(this.#port) });
  }

  /** It accepts connections and requests, and answers nothing. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  /** It goes on where it was, with all that it was sent meanwhile. */
  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** The version of every object that it holds, asked directly. @throws Error for one that is no object of the client */
  async versions(): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    let token: string | undefined;
    do {
      const page = await this.#bucket.list(token === undefined ? {} : { token });
      const ours = page.objects.filter(({ key }) => !key.startsWith(PROBE_PREFIX));
      for (const [key, version] of await Promise.all(ours.map(async ({ key, etag }) => [key, await this.#versionOf(key, etag)] as const))) {
        found.set(key, version);
      }
      token = page.next;
    } while (token !== undefined);
    return found;
  }

  /** Asked directly. */
  async holds(key: string): Promise<boolean> {
    return (await this.#bucket.head(key)).present;
  }

  async dispose(): Promise<void> {
    this.#connection.close();
    await this.gate.shut();
    await this.kill();
  }

  async #versionOf(key: string, etag: string): Promise<number> {
    const { body } = await this.#bucket.read(key, { etag });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body instanceof Uint8Array ? [body] : body) chunks.push(chunk);
    const version = versionOf(key, Buffer.concat(chunks).toString('utf8'));
    if (version === null) throw new Error(`${this.name} holds ${key} torn`);
    return version;
  }

  #signal(signal: NodeJS.Signals): void {
    const pid = childOnPort(this.#port);
    if (pid === null) throw new Error(`the server of ${this.name} does not run`);
    process.kill(pid, signal);
  }

  get #port(): string {
    return new URL(this.server.endpoint).port;
  }
}
