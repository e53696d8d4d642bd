/**
 * Stands between a function and the emulator, and counts what the function asks of each service. On the wire, not in the client:
 * what runs is the bundle that is deployed, and counting takes nothing of its CPU.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { PROBE_PREFIX } from '../../../../lib/core/routes/route.ts';

/** Requests by kind, and DynamoDB's units. */
export interface Counts {
  readonly dynamodb: Readonly<Record<string, number>>;
  readonly sqs: Readonly<Record<string, number>>;
  readonly s3: Readonly<Record<string, number>>;
  readonly writeUnits: number;
  readonly readUnits: number;
  /** Requests to DynamoDB that it did not carry out: of a write, one unit is counted, since a failed condition costs as much. */
  readonly refused: number;
}

export interface Wire {
  /** As `http://127.0.0.1:<port>`. */
  readonly endpoint: string;
  counts(): Counts;
  close(): void;
}

export const PROBING = 'probing, once a cold start';
export const COPY = 'CopyObject';
export const CONDITIONAL_COPY = 'CopyObject, conditional';

const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
const READS: ReadonlySet<string> = new Set(['GetItem', 'Query']);
const READ_UNIT = 4_096;
const KEEP_ALIVE_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface DynamoRequest {
  readonly ConsistentRead?: boolean;
}

/** @param upstream the emulator's endpoint; it checks no signatures, so that requests may be added to */
export async function startWire(upstream: string): Promise<Wire> {
  const counter = new Counter();
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing, { upstream, agent, counter }).catch((error: Error) => outgoing.destroy(error));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    counts: () => counter.counts(),
    close: () => {
      server.closeAllConnections();
      server.close();
      agent.destroy();
    },
  };
}

interface Passage {
  readonly upstream: string;
  readonly agent: Agent;
  readonly counter: Counter;
}

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, { upstream, agent, counter }: Passage): Promise<void> {
  const asked = await buffer(incoming);
  const [service = '', operation = ''] = String(incoming.headers['x-amz-target'] ?? '').split('.');
  const isDynamo = service.startsWith('DynamoDB');
  const body = isDynamo ? askingForUnits(asked) : asked;
  const answer = await ask(new URL(incoming.url ?? '/', upstream), incoming, body, agent);
  if (isDynamo) counter.dynamodb(operation, asked, answer);
  else if (service === 'AmazonSQS') counter.sqs(operation);
  else counter.s3(kindOf(incoming));
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
}

function askingForUnits(body: Buffer): Buffer {
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString('utf8')), ReturnConsumedCapacity: 'TOTAL' }));
}

async function ask(url: URL, { method = 'GET', headers, url: path = '/' }: IncomingMessage, body: Buffer, agent: Agent): Promise<Answer> {
  const length = body.length === 0 ? {} : { 'content-length': String(body.length) };
  // The path as it came: a URL would write it anew, and keys are signed and kept as they were written.
  const sent = request({ host: url.hostname, port: url.port, path, method, agent, headers: { ...headers, ...length, host: url.host } });
  sent.end(body);
  const [received]: IncomingMessage[] = await once(sent, 'response');
  if (received === undefined) throw new Error('the emulator did not answer');
  const { 'transfer-encoding': _chunked, connection: _connection, ...kept } = received.headers;
  return { status: received.statusCode ?? 500, headers: kept, body: await buffer(received) };
}

function kindOf({ method = '', url = '', headers }: IncomingMessage): string {
  if (decodeURIComponent(url).includes(PROBE_PREFIX) || /\?(versioning|website)/.test(url)) return PROBING;
  const hasKey = /^\/[^/?]+\/[^?]/.test(url);
  if (method === 'HEAD') return hasKey ? 'HeadObject' : 'HeadBucket';
  if (method === 'PUT' && headers['x-amz-copy-source'] !== undefined)
    return headers['if-match'] === undefined && headers['if-none-match'] === undefined ? COPY : CONDITIONAL_COPY;
  return `${method} of ${hasKey ? 'an object' : 'a bucket'}`;
}

class Counter {
  readonly #dynamodb = new Map<string, number>();
  readonly #sqs = new Map<string, number>();
  readonly #s3 = new Map<string, number>();
  #writeUnits = 0;
  #readUnits = 0;
  #refused = 0;

  dynamodb(operation: string, asked: Buffer, { status, body }: Answer): void {
    add(this.#dynamodb, operation);
    const isWrite = WRITES.has(operation);
    if (!isWrite && !READS.has(operation)) throw new Error(`what ${operation} consumes is not known here`);
    if (status !== 200) {
      this.#refused++;
      if (isWrite) this.#writeUnits++;
    } else if (isWrite) this.#writeUnits += writeUnitsOf(body);
    else this.#readUnits += readUnitsOf(asked, body);
  }

  sqs(operation: string): void {
    add(this.#sqs, operation);
  }

  s3(kind: string): void {
    add(this.#s3, kind);
  }

  counts(): Counts {
    return {
      dynamodb: Object.fromEntries(this.#dynamodb),
      sqs: Object.fromEntries(this.#sqs),
      s3: Object.fromEntries(this.#s3),
      writeUnits: this.#writeUnits,
      readUnits: this.#readUnits,
      refused: this.#refused,
    };
  }
}

function add(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

/** @throws Error when the answer does not tell */
function writeUnitsOf(body: Buffer): number {
  const { ConsumedCapacity }: { ConsumedCapacity?: { CapacityUnits?: number } } = JSON.parse(body.toString('utf8'));
  const units = ConsumedCapacity?.CapacityUnits;
  if (units === undefined) throw new Error('DynamoDB did not tell what a write consumed');
  return units;
}

/** By AWS's rule: the emulator's read units are flat. An item takes less room than its JSON, so that no unit is forgotten. */
function readUnitsOf(asked: Buffer, body: Buffer): number {
  const { ConsistentRead = false }: DynamoRequest = JSON.parse(asked.toString('utf8'));
  return Math.max(1, Math.ceil(body.length / READ_UNIT)) * (ConsistentRead ? 1 : 0.5);
}
