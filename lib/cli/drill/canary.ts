/** A small object of Tidemark's own, by which a rehearsal sees that a region takes writes and answers reads. */
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CANARY_PREFIX } from '../../core/routes/route.ts';
import { ApiError } from '../client.ts';
import { CliError, NoAnswerError } from '../exit.ts';
import { askGateway, type Gateway } from '../objects/gateway.ts';
import { collected } from '../transport/exchange.ts';

/** No route carries it, and nobody counts it. */
const KEY = `${CANARY_PREFIX}drill`;
const PAUSE_MS = 200;

/** Writes it until the region takes it. @param forMs as long as that may take @returns what was written @throws CliError; the signal's reason */
export async function writtenAt(gateway: Gateway, region: string, forMs: number, signal: AbortSignal): Promise<string> {
  const until = performance.now() + forMs;
  for (;;) {
    const text = randomUUID();
    const at = await write(gateway, text, signal).catch((error: unknown) => {
      if (!isPassing(error) || performance.now() > until) throw error;
    });
    if (at === region) return text;
    // A gateway may still write to the former region, for as long as its lease runs.
    if (at !== undefined && performance.now() > until) throw new CliError(`${at} still takes the writes, not ${region}`);
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

async function write(gateway: Gateway, text: string, signal: AbortSignal): Promise<string> {
  const body = { size: Buffer.byteLength(text), open: () => Readable.from([Buffer.from(text)]) };
  const answer = await asked(gateway, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body, signal });
  const { region }: { readonly region: string } = JSON.parse(await answer.text());
  return region;
}

/** @throws CliError where the region does not answer with what was written */
export async function readBack(gateway: Gateway, region: string, text: string, signal: AbortSignal): Promise<void> {
  const answer = await asked(gateway, { method: 'GET', signal });
  const [from, got] = [answer.headers.get('x-tidemark-region'), await answer.text()];
  if (from !== region) throw new CliError(`${from} answered, not ${region}`);
  if (got !== text) throw new CliError(`${region} answered with something else than was written there`);
}

export async function removed(gateway: Gateway, signal: AbortSignal): Promise<void> {
  await asked(gateway, { method: 'DELETE', signal });
}

async function asked(gateway: Gateway, request: Omit<Parameters<typeof askGateway>[1], 'key'>): Promise<Response> {
  const answer = await collected(await askGateway(gateway, { ...request, key: KEY }), gateway.api.where);
  if (answer.ok) return answer;
  throw await gateway.api.refused(answer);
}

function isPassing(error: unknown): boolean {
  return error instanceof NoAnswerError || (error instanceof ApiError && (error.status >= 500 || error.status === 429));
}
