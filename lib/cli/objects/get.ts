/** Gets an object: what the gateway answers, or what lies at the signed address that it names (B9). */
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError, EXIT, NoAnswerError } from '../exit.ts';
import { collected, type Exchanged, exchange } from '../transport/exchange.ts';
import { checkOf } from './check.ts';
import { askGateway, type Gateway, persistently } from './gateway.ts';
import type { Telling } from './put.ts';
import { storeRefusal } from './store-refusal.ts';

export interface Got {
  readonly key: string;
  readonly size: number;
  /** Null: it did not say. */
  readonly etag: string | null;
  /** Null: the address did not say. */
  readonly region: string | null;
  /** False: the region that is not written served it, and it may be older. */
  readonly fromActive: boolean;
  /** What the bytes were held against; null: their length alone. */
  readonly checked: string | null;
}

/**
 * @param sink is written, and not ended where it is standard output
 * @throws CliError in words, also where the bytes are not those that were announced: what was written is worth nothing then
 */
export async function getObject(gateway: Gateway, key: string, sink: NodeJS.WritableStream, { signal, told, quiet }: Telling): Promise<Got> {
  const { answer, whence, told: of } = await persistently(() => begun(gateway, key, signal), signal, quiet);
  const { headers, body } = answer;
  const length = headers.get('content-length');
  const moved = told(Number(length ?? Number.POSITIVE_INFINITY), 'received');
  const check = await checkOf(headers, whence !== gateway.transport.where);
  let size = 0;
  const passing = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      check?.update(chunk);
      moved(chunk.length);
      done(null, chunk);
    },
  });
  await flow(body, passing, sink, whence, signal);
  if (length !== null && size !== Number(length)) throw broken(whence);
  await check?.hold(whence);
  return {
    key,
    size,
    etag: headers.get('etag')?.replaceAll('"', '') ?? null,
    region: of.get('x-tidemark-region'),
    fromActive: of.get('x-tidemark-served-by') !== 'replica',
    checked: check?.name ?? null,
  };
}

interface Begun {
  /** It carries the object. */
  readonly answer: Exchanged;
  /** Who gives it. */
  readonly whence: string;
  /** What the gateway said of it. */
  readonly told: Headers;
}

async function begun(gateway: Gateway, key: string, signal: AbortSignal): Promise<Begun> {
  const { api, transport } = gateway;
  const answer = await askGateway(gateway, { method: 'GET', key, signal });
  if (answer.status === 200) return { answer, whence: transport.where, told: answer.headers };
  const location = answer.status === 307 ? answer.headers.get('location') : null;
  const refusal = await collected(answer, transport.where);
  if (location === null) throw await api.refused(refusal);
  // Signed for us: what authenticates at the gateway is nothing that a store should see.
  const url = URL.parse(location);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CliError(`${transport.where} leads to ${JSON.stringify(location)}, which is no address. Is it a Tidemark?`);
  const there = await exchange({ method: 'GET', url, headers: {}, signal, fix: 'That region may be down: tidemark failover status' });
  if (there.status === 200) return { answer: there, whence: url.origin, told: answer.headers };
  throw storeRefusal(url, there.status, await (await collected(there, url.origin)).text());
}

async function flow(body: Readable, passing: Transform, sink: NodeJS.WritableStream, whence: string, signal: AbortSignal): Promise<void> {
  let isCut = false;
  body.once('error', () => {
    isCut = true;
  });
  try {
    await pipeline(body, passing, sink, { signal, end: sink !== process.stdout });
  } catch (error) {
    signal.throwIfAborted();
    throw isCut ? broken(whence, error) : error;
  }
}

function broken(whence: string, cause?: unknown): NoAnswerError {
  return new NoAnswerError(`the answer of ${whence} broke off before the object was whole. Get it again.`, EXIT.failed, cause);
}
