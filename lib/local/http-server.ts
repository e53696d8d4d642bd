/** The API Gateway of the embedded host: HTTP in, the very event that Lambda would get, and its answer out. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { FindByteHandler } from '../../lambdas/api/byte-handler.ts';
import type { ApiHandler } from '../../lambdas/api/handler.ts';
import type { Log } from '../../lambdas/shared/log.ts';
import { problemAnswer as failureAnswer } from '../../lambdas/shared/problem.ts';
import { TidemarkError } from '../core/errors.ts';
import type { ReportStore } from '../ports/reports.ts';
import type { Clock } from '../ports/system.ts';
import { admit, type Tokens } from './access.ts';
import { answerBroken } from './broken-request.ts';
import { exchangeBytes, letSend } from './byte-exchange.ts';
import { httpEvent, sendAnswer } from './http-event.ts';
import { lambdaContext } from './lambda-context.ts';
import { type Problem, problemAnswer } from './problem.ts';
import { sendReport } from './report-download.ts';

export interface HttpServerOptions extends Tokens {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly handler: ApiHandler;
  /** Absent: none takes bytes as they flow. */
  readonly byteHandlers?: FindByteHandler;
  readonly reports: ReportStore;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HttpServer {
  /** As `http://127.0.0.1:8111`. */
  readonly url: string;
  /** Takes no new connections, and ends those that are left once the signal fires. */
  stop(deadline: AbortSignal): Promise<void>;
}

/** A little over the API's own limit of 1 MiB, which then says so itself. */
const MAX_BODY_BYTES = 1024 * 1024 + 4096;
/** For a request in JSON to arrive whole. */
const BODY_LIMIT_MS = 30_000;
/** API Gateway's own time limit. */
const TIME_LIMIT_MS = 29_000;
const LIMITS = {
  headersTimeout: 10_000,
  // Objects take as long as they take; what stands still is ended where it is read.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  // Node would refuse it without a word.
  requireHostHeader: false,
};
const MAX_CONNECTIONS = 1_000;
const LINGER_MS = 1_000;

const TOO_LARGE: Problem = {
  status: 413,
  title: 'Content Too Large',
  detail: 'A body is at most 1 MiB: send less at once, and larger objects by PUT /objects/{key}.',
  headers: { connection: 'close' },
};
const NO_HOST: Problem = {
  status: 400,
  title: 'Bad Request',
  detail: 'host: it is missing. Send the name by which this server is called, as HTTP/1.1 wants it.',
};
const UNEXPECTED: Problem = {
  status: 417,
  title: 'Expectation Failed',
  detail: 'expect: 100-continue is the one that is met here. Leave others out.',
};
const TOO_SLOW: Problem = {
  status: 408,
  title: 'Request Timeout',
  detail: 'The request did not arrive in time: send it again, all of it at once.',
  headers: { connection: 'close' },
};

/** @throws TidemarkError INVALID_CONFIG when it cannot listen there, with what to do */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const open = new Set<ServerResponse>();
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (!server.listening) response.setHeader('connection', 'close');
    open.add(response);
    response.once('close', () => open.delete(response));
    void inTurn(request, response, () => answer(options, request, response));
  };
  const server = createServer(LIMITS, serve);
  // Else Node would have all of a body sent before anyone has looked at its headers.
  server.on('checkContinue', serve);
  server.on('checkExpectation', (request, response) => {
    const requestId = randomUUID();
    refuse(options, request, response, problemAnswer(UNEXPECTED, requestId), requestId);
  });
  server.on('clientError', (error, socket) => {
    answerBroken(error, socket);
    // Its caller may never end it.
    const gone = new AbortController();
    socket.once('close', () => gone.abort());
    void options.clock.sleep(LINGER_MS, gone.signal).then(() => socket.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options.host, options.port);
  return {
    url: urlOf(server, options.host),
    stop: async (deadline) => {
      const closed = once(server, 'close');
      const cut = (): void => server.closeAllConnections();
      deadline.addEventListener('abort', cut, { once: true });
      server.close();
      // Node closes what is idle now; what is answered later would be kept alive by its caller.
      for (const response of open) if (!response.headersSent) response.setHeader('connection', 'close');
      server.closeIdleConnections();
      if (deadline.aborted) cut();
      await closed;
      deadline.removeEventListener('abort', cut);
    },
  };
}

/** By connection, the end of the answer before. */
const turns = new WeakMap<IncomingMessage['socket'], Promise<unknown>>();

/** What is sent behind another request on its connection waits for that one's answer: a DELETE behind a PUT means what was put (RFC 9112). */
async function inTurn(request: IncomingMessage, response: ServerResponse, act: () => Promise<void>): Promise<void> {
  const before = turns.get(request.socket);
  const own = (async () => {
    await before;
    await act();
    if (!response.writableFinished && !response.destroyed) await once(response, 'close').catch(() => undefined);
  })();
  turns.set(request.socket, own);
  await own;
}

async function answer(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { handler, byteHandlers, reports, clock, log } = options;
  const requestId = randomUUID();
  try {
    if (request.headers.host === undefined && request.httpVersion === '1.1')
      return refuse(options, request, response, problemAnswer(NO_HOST, requestId), requestId);
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const admission = await admit(request, path, options);
    if ('refused' in admission) return refuse(options, request, response, problemAnswer(admission.refused, requestId), requestId);
    const { actor } = admission;
    const bytes = byteHandlers?.(request.method ?? 'GET', path);
    if (bytes) return await exchangeBytes(bytes, { request, response, requestId, actor, at: clock.now() });
    if (await sendReport(reports, request, response, requestId)) return;
    letSend(request, response);
    const body = await readBody(request, clock);
    if (!Buffer.isBuffer(body)) return refuse(options, request, response, problemAnswer(body, requestId), requestId);
    const event = httpEvent({ request, body, requestId, actor, at: clock.now() });
    sendAnswer(response, await handler(event, lambdaContext('api', TIME_LIMIT_MS, requestId)), requestId);
  } catch (error) {
    // The caller hung up: there is nobody to answer.
    if (request.destroyed && !request.complete) return;
    const failure = failureAnswer(error, requestId, log);
    if (!response.headersSent) refuse(options, request, response, failure, requestId);
    else response.destroy();
  }
}

/**
 * Answers without the rest of the body, and ends the connection. What still arrives is thrown away for a moment first:
 * ending at once would make the caller's system drop the answer before the caller has read it.
 */
function refuse(
  { clock }: HttpServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  answer: APIGatewayProxyStructuredResultV2,
  requestId: string,
): void {
  if (!request.complete) {
    const gone = new AbortController();
    request.once('close', () => gone.abort());
    request.resume();
    response.setHeader('connection', 'close');
    void clock.sleep(LINGER_MS, gone.signal).then(() => request.destroy());
  }
  sendAnswer(response, answer, requestId);
}

/** @returns what it is refused for: too large or too slow; then the rest of it is not read */
async function readBody(request: IncomingMessage, clock: Clock): Promise<Buffer | Problem> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return TOO_LARGE;
  const chunks: Buffer[] = [];
  let size = 0;
  const ended = new AbortController();
  const read = new Promise<Buffer | Problem>((resolve, reject) => {
    const give = (problem: Problem): void => {
      request.pause();
      request.removeAllListeners('data');
      resolve(problem);
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size > MAX_BODY_BYTES) give(TOO_LARGE);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the connection was closed before the request was read')));
    void clock.sleep(BODY_LIMIT_MS, ended.signal).then(() => give(TOO_SLOW));
  });
  return read.finally(() => ended.abort());
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why: Readonly<Record<string, string>> = {
      EADDRINUSE: `port ${port} of ${host} is in use: stop what listens there, or set PORT to another one`,
      EACCES: `port ${port} may not be opened: set PORT to one above 1023`,
      EADDRNOTAVAIL: `HOST: ${host} is no address of this machine`,
      ENOTFOUND: `HOST: ${host} is no address of this machine`,
    };
    const message = why[String(code)] ?? `cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
    throw new TidemarkError('INVALID_CONFIG', message, { host, port }, error);
  }
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
