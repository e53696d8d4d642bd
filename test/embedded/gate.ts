/** Stands in front of a store and takes it away for a while, or refuses some requests, without touching what it holds. */
import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Asked {
  readonly method: string;
  /** With its query, encoded. */
  readonly path: string;
}

const denied = (why: string): string => `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>${why}</Message></Error>`;

const SLOW_DOWN = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>';

const INTERNAL_ERROR =
  '<?xml version="1.0" encoding="UTF-8"?><Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>';

export class Gate {
  /** Requests that are answered 403 instead of being passed on. */
  refuses: (asked: Asked) => boolean = () => false;
  /** Why, in the words of the answer. */
  reason = 'Access Denied.';
  /** Headers, in lower case, that are left out of the answers. */
  drops: (header: string) => boolean = () => false;
  /** Requests that are answered 503 SlowDown; `atOnce` counts those that are under way, this one included. */
  slows: (asked: Asked, atOnce: number) => boolean = () => false;
  /** So many were. */
  slowed = 0;
  /** The status that a request is answered with instead of being passed on, as 500 or 507; null: it is passed on. */
  fails: (asked: Asked) => number | null = () => null;
  /** How long a request is held before it is passed on, ms. */
  latencyMs = 0;
  #atOnce = 0;
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #port: number;

  private constructor(server: Server, upstream: URL, port: number) {
    this.#server = server;
    this.#upstream = upstream;
    this.#port = port;
    server.on('request', (request, response) => void this.#pass(request, response));
  }

  /** @param upstream as `http://127.0.0.1:<port>` */
  static async start(upstream: string): Promise<Gate> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return new Gate(server, new URL(upstream), address.port);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on connections are refused; those that are open break, whatever is under way on them. */
  async shut(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** On the same port. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    if (this.refuses({ method, path: url })) {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : denied(this.reason));
      return;
    }
    this.#atOnce++;
    response.on('close', () => this.#atOnce--);
    if (this.slows({ method, path: url }, this.#atOnce)) {
      this.slowed++;
      request.resume();
      response.writeHead(503, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : SLOW_DOWN);
      return;
    }
    const failure = this.fails({ method, path: url });
    if (failure !== null) {
      request.resume();
      response.writeHead(failure, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : INTERNAL_ERROR);
      return;
    }
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs));
    const { hostname, port } = this.#upstream;
    // The headers as they came: the client signed the host that it asked.
    const passed = ask({ hostname, port, method, path: url, headers: request.headers, setHost: false }, (answer) => {
      const kept = Object.entries(answer.headers).filter(([name]) => !this.drops(name));
      response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  }
}
