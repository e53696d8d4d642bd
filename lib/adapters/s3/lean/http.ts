/** Requests over pooled connections, straight to undici's dispatcher: no stream is made for an answer that is small. */
import { Readable } from 'node:stream';
import { type Dispatcher, Pool } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole when small; else a stream, to be read to its end or destroyed. */
  readonly body: Buffer | Readable;
}

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

export interface PoolOptions {
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

const ASKING: ReadonlySet<Outgoing['method']> = new Set(['GET', 'HEAD']);
const CLOSED: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** Below this a body is cheaper to hold than to pass on in pieces. */
const WHOLE_BYTES = 256 * 1024;

export class LeanHttp {
  readonly #pools = new Map<string, Pool>();
  readonly #options: PoolOptions;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** What only asks is asked once more when the connection was closed under it: kept for a while, it may be dead at the other end. */
  async request(origin: string, outgoing: Outgoing): Promise<Answer> {
    try {
      return await this.#send(origin, outgoing);
    } catch (error) {
      if (!ASKING.has(outgoing.method) || outgoing.signal?.aborted || !isClosed(error)) throw error;
      return this.#send(origin, outgoing);
    }
  }

  #send(origin: string, outgoing: Outgoing): Promise<Answer> {
    const { method, path, headers, body, signal } = outgoing;
    const sent = body === undefined || body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false });
    return new Promise((resolve, reject) => {
      // undici closes the connection after each HEAD unless told otherwise; stores that answer HEAD with a body are none of ours.
      this.#pool(origin).dispatch({ method, path, headers, body: sent ?? null, reset: false }, new Collecting(resolve, reject, signal));
    });
  }

  close(): void {
    for (const pool of this.#pools.values()) void pool.destroy();
  }

  #pool(origin: string): Pool {
    let pool = this.#pools.get(origin);
    if (!pool) {
      const { connections, connectTimeoutMs, requestTimeoutMs } = this.#options;
      pool = new Pool(origin, {
        connections,
        connect: { timeout: connectTimeoutMs },
        headersTimeout: requestTimeoutMs,
        bodyTimeout: requestTimeoutMs,
        keepAliveTimeout: 30_000,
        // One request a connection: a slow answer holds back nobody, and a PUT is never repeated behind our back.
        pipelining: 1,
      });
      this.#pools.set(origin, pool);
    }
    return pool;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CLOSED.has(error.code);
}

class Collecting implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  readonly #signal: AbortSignal | undefined;
  #status = 0;
  #headers: Readonly<Record<string, string>> = {};
  #chunks: Buffer[] = [];
  #stream: Readable | null = null;
  #release: () => void = () => undefined;

  constructor(resolve: (answer: Answer) => void, reject: (error: Error) => void, signal: AbortSignal | undefined) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#signal = signal;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    const signal = this.#signal;
    if (!signal) return;
    const abort = (): void => controller.abort(signal.reason instanceof Error ? signal.reason : new Error('ended'));
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    this.#release = () => signal.removeEventListener('abort', abort);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status;
    this.#headers = single(headers);
    if ((status === 200 || status === 206) && Number(this.#headers['content-length'] ?? 0) > WHOLE_BYTES) this.#becomeStream(controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#stream) this.#chunks.push(chunk);
    else if (!this.#stream.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#stream) {
      this.#stream.push(null);
      return;
    }
    const [first, second] = this.#chunks;
    const body = first === undefined ? Buffer.alloc(0) : second === undefined ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#release();
    if (this.#stream) this.#stream.destroy(error);
    else this.#reject(error);
  }

  #becomeStream(controller: Dispatcher.DispatchController): void {
    this.#stream = new Readable({
      highWaterMark: 1024 * 1024,
      read: () => controller.resume(),
      destroy: (error, callback) => {
        if (error) controller.abort(error);
        else if (!this.#stream?.readableEnded) controller.abort(new Error('the reader left'));
        callback(error);
      },
    });
    this.#resolve({ status: this.#status, headers: this.#headers, body: this.#stream });
  }
}

/** Some stores send a header twice, which arrives as a list. */
function single(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  const out: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) out[name] = typeof value === 'string' ? value : value.join(',');
  }
  return out;
}
