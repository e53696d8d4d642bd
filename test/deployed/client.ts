/**
 * The deployed app as its clients see it: buckets, queues and the HTTP API. How to write a test with it:
 *
 *     import { describeDeployed, Pair } from './client.ts';
 *
 *     describeDeployed('an outage', () => {
 *       const pair = new Pair('outage');                    // a bucket in eu-west-1, one in us-east-1, a stack each; see PAIRS
 *       const faults = pair.faults('outage');               // named by the test file; cleared by it
 *       afterEach(() => faults.clear());
 *
 *       it('is survived', async () => {
 *         await faults.set({ service: 's3', bucket: pair.destination.bucket, op: 'COPY', status: 503, code: 'SlowDown' });
 *         await pair.source.put('a.txt', 'text', { metadata: { author: 'Ada' }, tags: { team: 'blue' } });
 *         expect(await pair.call('GET', '/events?keyLike=a.txt')).toMatchObject({ status: 200 });
 *         await faults.clear();
 *         await pair.arrives('a.txt', 'text');
 *         await pair.settles('a.txt');
 *         expect(await pair.differences('a.')).toEqual([]);
 *       });
 *     });
 *
 * Files run at the same time, and share the deployment: a file takes keys with a prefix of its own, or a pair of its own where it
 * sets faults, removes the bucket, or counts what is told of the whole pair (GET /metrics, requeueing of all errors).
 *
 * The functions may do what their policies allow, and nothing else; the tests' own clients are the account, and may do everything.
 *
 * What the emulator does not do, and is therefore not shown here: it verifies no signature of the account's own, sends no events of tags (a test tells by POST /events/ingest), and keeps bodies in memory (large objects stay
 * near 64 MiB). It runs a process for each call of a function that is under way: a test asks the API one thing at a time.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, inject } from 'vitest';
import type { Answer, TestEvent } from '../embedded/support.ts';
import { expectDocumented } from '../fixtures/documented.ts';
import { trust } from '../fixtures/emulator.ts';
import { ask } from './ask.ts';
import { differences } from './compare.ts';
import { bucketOf, DESTINATION_REGION, type Deployment, PAIRS, type PairName, SOURCE_REGION, stackOf } from './deployment.ts';
import { Faults } from './faults.ts';
import { Side } from './side.ts';
import { signed } from './sign.ts';

/** Generous: reached only when a test fails. Longer than the queues' visibility timeout of a minute: what a killed call held comes back after it. */
export const PATIENCE = { timeout: 100_000, interval: 50 };

/** As `describe`; skipped where there is no emulator, as the setup says aloud. */
export const describeDeployed = describe.skipIf(inject('deployment') === null);

const certificate = inject('deployment')?.certificate;
if (certificate !== undefined) trust(certificate);

export interface ToldChange {
  readonly op: 'PUT' | 'DELETE';
  readonly key: string;
  readonly etag?: string;
  readonly size?: number;
  readonly contentType?: string;
  /** @default now */
  readonly ts?: number;
}

type Credentials = Deployment['credentials'];
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface DeployedAnswer extends Answer {
  /** Of a redirect. */
  readonly location?: string;
}

export interface DeployedEvent extends TestEvent {
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export class Pair {
  /** Names, as requests use them. */
  readonly regions: { readonly srcRegion: string; readonly dstRegion: string };
  readonly #deployment: Deployment | null = inject('deployment');
  readonly #sides: { source?: Side; destination?: Side; sqs?: SQSClient } = {};

  constructor(name: PairName) {
    this.regions = { srcRegion: PAIRS[name].source, dstRegion: PAIRS[name].destination };
  }

  get source(): Side {
    this.#sides.source ??= new Side(this.#s3(SOURCE_REGION), bucketOf(this.regions.srcRegion));
    return this.#sides.source;
  }

  get destination(): Side {
    this.#sides.destination ??= new Side(this.#s3(DESTINATION_REGION), bucketOf(this.regions.dstRegion));
    return this.#sides.destination;
  }

  get sqs(): SQSClient {
    this.#sides.sqs ??= new SQSClient({ ...this.#client(), region: SOURCE_REGION });
    return this.#sides.sqs;
  }

  faults(name: string): Faults {
    return new Faults(this.deployment.endpoint, name);
  }

  get deployment(): Deployment {
    if (this.#deployment) return this.#deployment;
    throw new Error('there is no emulator: use describeDeployed');
  }

  /** What the source's stack gives out: EventsQueueUrl, WorkQueueUrl, DeadLetterUrl, ReplayFunctionName, ApiUrl… */
  output(name: string): string {
    const value = this.deployment.outputs[stackOf(this.regions.srcRegion)]?.[name];
    if (value === undefined) throw new Error(`the stack of ${this.regions.srcRegion} gives out no ${name}`);
    return value;
  }

  /**
   * A signed request to the HTTP API.
   * @param body a text is sent as it is, all else as JSON
   * @param credentials null: it is not signed
   */
  async call(method: Method, path: string, body?: unknown, credentials: Credentials | null = this.deployment.credentials): Promise<DeployedAnswer> {
    const url = new URL(path, this.deployment.endpoint);
    // The emulator tells APIs apart by their host, of its own domain.
    const [apiId] = new URL(this.output('ApiUrl')).host.split('.');
    const host = `${apiId}.execute-api.localhost:${url.port}`;
    const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body);
    const headers = credentials ? signed({ method, url, host, body: text, region: SOURCE_REGION, service: 'execute-api', credentials }) : { host };
    const answer = await ask(method, url, { ...headers, 'content-type': 'application/json' }, text);
    // Who is not let in is answered by the gateway itself.
    if (credentials === this.deployment.credentials)
      expectDocumented(method, path, { status: answer.status, headers: answer.headers, text: answer.body });
    try {
      const { status, body: said, headers: answered } = answer;
      return { status, body: said === '' ? {} : JSON.parse(said), ...(answered.location === undefined ? {} : { location: answered.location }) };
    } catch {
      throw new Error(`${method} ${path} was answered with ${answer.status} and no JSON: ${answer.body.slice(0, 500)}`);
    }
  }

  /** Calls a function of the source's stack as the clock does. @param name of the output that names it */
  async invoke(name: string, event: unknown): Promise<unknown> {
    const url = new URL(`/2015-03-31/functions/${this.output(name)}/invocations`, this.deployment.endpoint);
    const { credentials } = this.deployment;
    const body = JSON.stringify(event);
    const answer = await ask(
      'POST',
      url,
      signed({ method: 'POST', url, host: url.host, body, region: SOURCE_REGION, service: 'lambda', credentials }),
      body,
    );
    expect(answer).toMatchObject({ status: 200 });
    return JSON.parse(answer.body);
  }

  /** POST /events/ingest: tells of changes as an application does. @returns what became of each */
  async tell(...changes: readonly ToldChange[]): Promise<readonly { readonly id: string; readonly status: string }[]> {
    const events = changes.map((change) => ({ ts: Date.now(), ...this.regions, ...change }));
    const { status, body } = await this.call('POST', '/events/ingest', { events });
    expect({ status, body }).toMatchObject({ status: 202, body: { rejected: 0 } });
    return body.results as { id: string; status: string }[];
  }

  /** The deliveries of the keys that begin with `keyLike`, a hundred at most. @param query further parts, as `&status=error` */
  async events(keyLike: string, query: string = ''): Promise<readonly DeployedEvent[]> {
    const { status, body } = await this.call('GET', `/events?limit=100&keyLike=${encodeURIComponent(keyLike)}${query}`);
    expect(status).toBe(200);
    return body.events as DeployedEvent[];
  }

  /** Waits until the destination holds this text under the key. */
  async arrives(key: string, text: string): Promise<void> {
    await expect.poll(() => this.destination.text(key), PATIENCE).toBe(text);
  }

  /** Waits until the destination holds nothing under the key. */
  async goes(key: string): Promise<void> {
    await expect.poll(() => this.destination.text(key), PATIENCE).toBe(null);
  }

  /** Waits until no delivery of the keys that begin with `keyLike` is open, and there is one. */
  async settles(keyLike: string): Promise<void> {
    const ended = async (): Promise<boolean> => {
      const events = await this.events(keyLike);
      return events.length > 0 && events.every(({ status }) => status !== 'pending' && status !== 'in_progress');
    };
    await expect.poll(ended, PATIENCE).toBe(true);
  }

  /** Waits until what was done to the key by now has been seen: told of after it, an event that ends is the last to have ended. */
  async settlesAfter(key: string): Promise<void> {
    await this.drains();
    await this.settles(key);
  }

  /** Waits until both queues and what is in flight of them are empty: no event of the whole pair is left to be seen. */
  async drains(): Promise<void> {
    const backlog = async (): Promise<unknown> => (await this.call('GET', '/metrics')).body.backlog;
    await expect.poll(backlog, PATIENCE).toMatchObject({ objects: 0 });
  }

  /** Below the prefix, byte for byte and with all properties. @returns a line for each key that is not the same; [] when all are */
  differences(prefix: string): Promise<readonly string[]> {
    return differences(this.source, this.destination, prefix);
  }

  async eventually<T>(look: () => Promise<T> | T, expected: unknown): Promise<void> {
    await expect.poll(look, PATIENCE).toEqual(expected);
  }

  #client(): { endpoint: string; credentials: { accessKeyId: string; secretAccessKey: string } } {
    const { endpoint, credentials } = this.deployment;
    return { endpoint, credentials: { ...credentials } };
  }

  #s3(region: string): S3Client {
    // Else the client names CRC32 for uploads by parts, and AWS keeps a checksum of checksums instead of one of the object.
    return new S3Client({ ...this.#client(), region, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' });
  }
}
