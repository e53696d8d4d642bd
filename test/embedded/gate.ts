/** Stands in front of a store and takes it away for a while, or refuses some requests, without touching what it holds. */
import { once } from 'node:events';
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface Asked {
  readonly method: string;
  /** With its query, encoded. */
  readonly path: string;
}

const DENIED = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>';

export class Gate {
  /** Requests that are answered 403 instead of being passed on. */
  refuses: (asked: Asked) => boolean = () => false;
  /** Headers, in lower case, that are left out of the answers. */
  drops: (header: string) => boolean = () => false;
  readonly #server: Server;
  readonly #upstream: URL;
  readonly #port: number;

  private constructor(server: Server, upstream: URL, port: number) {
    this.#server = server;
    this.#upstream = upstream;
    this.#port = port;
    server.on('request', (request, response) => this.#pass(request, response));
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

  #pass(request: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/' } = request;
    if (this.refuses({ method, path: url })) {
      request.resume();
      response.writeHead(403, { 'content-type': 'application/xml' }).end(method === 'HEAD' ? undefined : DENIED);
      return;
    }
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
