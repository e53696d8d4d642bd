/** Reads and writes through gateways without a pause, and notes in a ledger what it was told. */
import { setTimeout as delay } from 'node:timers/promises';
import { bodyOf, versionOf } from './body.ts';
import { Ledger, type ReadEnd, type WriteEnd } from './ledger.ts';

const WRITERS = 4;
export const READERS = 6;
/** Between two requests of one worker, ms: the machine has other things to do as well. */
const PAUSE_MS = 60;
/** Who gets no answer by then takes it for none, ms. */
const WRITE_LIMIT_MS = 4_000;
const READ_LIMIT_MS = 5_000;
/** Keys of each writer that are overwritten again and again; every other write is of a new key. */
const OVERWRITTEN = 20;
const NO_WRITER = 'urn:tidemark:problem:no-writer';

export class Client {
  readonly ledger = new Ledger();
  /** Whether a region that can be reached holds the key: asked of it directly, where a read through the gateway failed. */
  isWithinReach: (key: string) => Promise<boolean> = async () => true;
  /** Why requests failed, and how often: for whoever looks into a drill that failed. */
  readonly failures = new Map<string, number>();
  readonly #gateways: readonly string[];
  readonly #gone = new AbortController();
  #workers: readonly Promise<void>[] = [];
  #version = 0;

  /** @param gateways as `http://127.0.0.1:8110`; workers are dealt out among them */
  constructor(gateways: readonly string[]) {
    this.#gateways = gateways;
  }

  start(): void {
    const writers = Array.from({ length: WRITERS }, (_, at) => this.#writes(at, this.#gateway(at)));
    const readers = Array.from({ length: READERS }, (_, at) => this.#reads(at));
    this.#workers = [...writers, ...readers];
  }

  /** Resolves when the last answer was noted. */
  async stop(): Promise<void> {
    this.#gone.abort();
    await Promise.all(this.#workers);
  }

  #gateway(at: number): string {
    return this.#gateways[at % this.#gateways.length] ?? '';
  }

  async #writes(worker: number, gateway: string): Promise<void> {
    for (let turn = 0; !this.#gone.signal.aborted; turn++) {
      const key = turn % 2 === 0 ? `new/${worker}-${turn}` : `again/${worker}-${turn % (2 * OVERWRITTEN)}`;
      await this.#write(gateway, key);
      await delay(PAUSE_MS);
    }
  }

  async #write(gateway: string, key: string): Promise<void> {
    const version = ++this.#version;
    const begun = performance.now();
    const told = await put(`${gateway}/objects/${key}`, bodyOf(key, version, version % 20 === 0 ? 65_536 : 1_024));
    const { end, why, ...at } = told;
    if (why !== undefined) this.#failed(`PUT ${why}`);
    this.ledger.write({ key, version, begun, ended: performance.now(), end, through: gateway, ...at });
  }

  async #reads(worker: number): Promise<void> {
    while (!this.#gone.signal.aborted) {
      await this.#read(worker);
      await delay(PAUSE_MS);
    }
  }

  async #read(worker: number): Promise<void> {
    const { keys } = this.ledger;
    const key = keys[Math.floor(Math.random() * keys.length)];
    if (key === undefined) return;
    const begun = performance.now();
    const first = await this.#readOnce(this.#gateway(worker), key);
    const retried = first === 'unanswered';
    // At the next gateway, where there is one: the first may be what does not answer.
    const end = retried ? await this.#readOnce(this.#gateway(worker + 1), key) : first;
    this.ledger.reads.push({ end, retried, ms: performance.now() - begun });
  }

  async #readOnce(gateway: string, key: string): Promise<ReadEnd> {
    const acked = this.ledger.acked(key) ?? 0;
    try {
      const answer = await fetch(`${gateway}/objects/${key}`, { signal: AbortSignal.timeout(READ_LIMIT_MS) });
      const text = await answer.text();
      if (answer.status === 200) {
        const version = versionOf(key, text);
        if (version === null) return 'torn';
        return version < acked ? 'stale' : 'fresh';
      }
      if (!(await this.isWithinReach(key))) return 'behind';
      if (answer.status === 404) return 'stale';
      this.#failed(`GET ${answer.status} ${text}`);
    } catch (error) {
      if (!(await this.isWithinReach(key))) return 'behind';
      this.#failed(`GET ${saidOf(error)}`);
    }
    return 'unanswered';
  }

  #failed(why: string): void {
    const alike = why.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|(new|again)\/[\d-]+/g, '…');
    this.failures.set(alike, (this.failures.get(alike) ?? 0) + 1);
  }
}

interface Told {
  readonly end: WriteEnd;
  readonly region?: string;
  readonly epoch?: number;
  readonly why?: string;
}

async function put(url: string, body: string): Promise<Told> {
  try {
    const answer = await fetch(url, { method: 'PUT', body, signal: AbortSignal.timeout(WRITE_LIMIT_MS) });
    const told = (await answer.json()) as { region?: string; epoch?: number; type?: string; detail?: string };
    if (answer.status === 201 && told.region !== undefined && told.epoch !== undefined)
      return { end: 'acked', region: told.region, epoch: told.epoch };
    return { end: told.type === NO_WRITER ? 'refused' : 'unknown', why: `${answer.status} ${told.detail ?? ''}` };
  } catch (error) {
    return { end: 'unknown', why: saidOf(error) };
  }
}

function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.name}: ${error.message}${error.cause instanceof Error ? ` (${error.cause.message})` : ''}`;
}
