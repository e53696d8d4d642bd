/**
 * One request whose bytes flow, by node:http. fetch would unpack what is stored packed (Content-Encoding), and would send all of a body that
 * nobody wants: the refusal then meets a broken connection.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError, EXIT, NoAnswerError } from '../exit.ts';
import { causeOf } from './ask.ts';

export interface Outgoing {
  readonly size: number;
  /** Once, where it is wanted. */
  open(): Readable;
  /** It is sent without asking first. */
  readonly unasked?: boolean;
}

export interface Exchange {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Outgoing;
  readonly signal: AbortSignal;
  /** What to do when nothing answers. */
  readonly fix: string;
}

export interface Exchanged {
  readonly status: number;
  readonly headers: Headers;
  /** As it was sent. */
  readonly body: IncomingMessage;
}

/** So long a connection may stand still, ms. */
const SILENCE_MS = 120_000;
/** A larger body is sent once it is asked for, or once nobody has said anything for a while: not every server knows how to ask. */
const ASKED_FROM_BYTES = 65_536;
const LEAVE_MS = 1_000;

/** @throws NoAnswerError where nothing answers; the signal's reason where it fired */
export async function exchange({ method, url, headers, body, signal, fix }: Exchange): Promise<Exchanged> {
  signal.throwIfAborted();
  const asks = body !== undefined && !body.unasked && body.size > ASKED_FROM_BYTES;
  const sent = { ...headers, ...(body ? { 'content-length': String(body.size) } : {}), ...(asks ? { expect: '100-continue' } : {}) };
  const { promise, resolve, reject } = Promise.withResolvers<Exchanged>();
  let isOver = false;
  const fail = (error: unknown): void => {
    isOver = true;
    reject(signal.aborted ? signal.reason : new NoAnswerError(`nothing answers at ${url.origin} (${causeOf(error)}). ${fix}`, EXIT.failed, error));
  };
  // A connection that was kept may be gone by now, and a body is not sent twice lightly.
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { method, headers: sent, signal, agent: false });
  let answer: IncomingMessage | undefined;
  const send = (): void => {
    if (isOver || !body) return;
    isOver = true;
    // Heard before what it does to the connection.
    const source = body
      .open()
      .once('error', ({ message }) => reject(new CliError(`what is to be sent cannot be read: ${message}. Nothing was stored.`)));
    pipeline(source, request, (error) => error && fail(error));
  };
  const patience = setTimeout(send, LEAVE_MS);
  request.once('error', fail);
  request.once('response', (incoming) => {
    isOver = true;
    resolve({ status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: incoming });
    answer = incoming;
  });
  // Who reads slowly makes the connection stand still, too.
  request.setTimeout(SILENCE_MS, () => (answer?.readableLength ?? 0) > 0 || request.destroy(new Error(`it stood still for ${SILENCE_MS / 1000} s`)));
  if (asks) request.once('continue', send).flushHeaders();
  else if (body) send();
  else request.end();
  return promise.finally(() => clearTimeout(patience));
}

/** What is short enough to be read at once: a refusal, an answer in JSON. @throws NoAnswerError where it breaks off */
export async function collected({ status, headers, body }: Exchanged, where: string): Promise<Response> {
  const content = await text(body).catch((error: unknown) => {
    throw new NoAnswerError(`the answer of ${where} broke off. Look whether it still runs, then try again.`, EXIT.failed, error);
  });
  return new Response(content === '' ? null : content, { status, headers });
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  return headers;
}
