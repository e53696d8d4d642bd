/** The gateway, as the commands of objects ask it. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { objectPath } from '../../core/gateway/object-path.ts';
import { type ApiOptions, transportOf } from '../api-command.ts';
import { ApiClient, ApiError } from '../client.ts';
import { CliError, EXIT, NoAnswerError } from '../exit.ts';
import { patiently } from '../patience.ts';
import { note } from '../terminal.ts';
import { type Exchanged, exchange, type Outgoing } from '../transport/exchange.ts';
import type { ByteTransport } from '../transport/transport.ts';

export interface Gateway {
  /** For what is asked in JSON. */
  readonly api: ApiClient;
  readonly transport: ByteTransport;
}

/** @throws CliError, TidemarkError when it is not known whom to ask */
export async function gatewayOf(options: ApiOptions): Promise<Gateway> {
  const transport = await transportOf(options, 'GatewayUrl');
  return { transport, api: new ApiClient(transport) };
}

/** @throws CliError for a key that no address can name */
export function pathOf(key: string): string {
  const path = objectPath(key);
  if (path !== null) return path;
  throw new CliError(`KEY: no address can name the key ${JSON.stringify(key)}. Give the object another name.`, EXIT.usage);
}

interface Asked {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Outgoing;
  readonly signal: AbortSignal;
}

/** @throws NoAnswerError; the signal's reason; CliError for a key that cannot be asked for */
export async function askGateway({ transport }: Gateway, { method, key, headers = {}, body, signal }: Asked): Promise<Exchanged> {
  const path = pathOf(key);
  // What is signed as a whole is read as a whole: it is small.
  const whole = body && transport.wholeBytes !== undefined ? await buffer(body.open()) : undefined;
  const addressed = await transport.address({ method, path, headers, ...(whole ? { body: whole } : {}) });
  const outgoing = whole ? { size: whole.length, open: () => Readable.from([whole]), unasked: true } : body;
  return exchange({ ...addressed, method, signal, fix: transport.howToReach, ...(outgoing ? { body: outgoing } : {}) });
}

/** An automatic switch fits into it: three failed probes, and the rest of writes after it. */
const PATIENCE_MS = 90_000;

/** Asks again while no region takes the request. What never answered is not there, which nobody wants to wait for. */
export async function persistently<T>(ask: () => Promise<T>, signal: AbortSignal, quiet: boolean): Promise<T> {
  let hasAnswered = false;
  const passes = (error: unknown): error is Error => {
    if (error instanceof NoAnswerError) return hasAnswered;
    if (!(error instanceof ApiError)) return false;
    hasAnswered = true;
    return PASSING.includes(error.status);
  };
  const pauseMs = (error: unknown): number | undefined => (error instanceof ApiError ? error.retryAfterMs : undefined);
  return patiently(ask, passes, { signal, forMs: PATIENCE_MS, pauseMs, ...(quiet ? {} : { say: note }) });
}

const PASSING = [429, 503, 504];
