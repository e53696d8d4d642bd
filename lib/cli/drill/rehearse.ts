/** A failover as it is asked for, and back: with everything that matters seen to work. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FailoverView, PromotedView } from '../api-types.ts';
import { ApiError } from '../client.ts';
import { CliError } from '../exit.ts';
import type { Gateway } from '../objects/gateway.ts';
import { crossingText } from '../views/failover-text.ts';
import { readBack, removed, writtenAt } from './canary.ts';
import { Protocol } from './protocol.ts';

export interface Rehearsed {
  readonly steps: Protocol['steps'];
  /** From the request to switch to the first write that was taken, ms: there, and back. */
  readonly writesRestedMs: readonly number[];
  /** The region that is active now; null: an answer is missing, and nobody knows here. */
  readonly active: string | null;
  /** What ended it before it was through; undefined: nothing did. */
  readonly failed?: unknown;
}

/** Beyond what the gateway itself announces. */
const PATIENCE_MS = 60_000;
/** What was written meanwhile has to cross. */
const CROSSING_MS = 300_000;
const ASK_AGAIN_MS = 2_000;

/** @throws CliError where a rehearsal is not to be begun: something is wrong already */
export function assertCalm({ phase, writes, active, first, regions, crossing, problem }: FailoverView): void {
  const failing = Object.entries(regions).find(([, observers]) => Object.values(observers).some(({ failures }) => failures > 0))?.[0];
  const why =
    problem?.message ??
    (active === first ? undefined : `${active} is active, and not ${first}: end that first (tidemark failover failback)`) ??
    (failing === undefined ? undefined : `${failing} fails its probes`) ??
    (writes === 'open' ? undefined : `writes are not taken by ${active} now`) ??
    (crossing?.failedSince == null ? undefined : 'changes that failed have not crossed, and would stop the failback: tidemark failed') ??
    (phase === 'healthy' ? undefined : `the gateway is ${phase ?? 'not known'}`);
  if (why !== undefined) throw new CliError(`this is no moment for a rehearsal: ${why}. Nothing was begun. See: tidemark failover status`);
}

/** Never throws. */
export async function rehearse(gateway: Gateway, state: FailoverView, signal: AbortSignal): Promise<Rehearsed> {
  const rehearsal = new Rehearsal(gateway, signal);
  const { first, replica } = state;
  rehearsal.active = first;
  try {
    await rehearsal.works(first, performance.now());
    await rehearsal.change(`promote ${replica}`, () => gateway.api.post<PromotedView>('/admin/failover/promote', { region: replica }));
    await rehearsal.change(`fail back to ${first}`, () => gateway.api.post<PromotedView>('/admin/failover/failback'), CROSSING_MS);
    return rehearsal;
  } catch (failed) {
    return { steps: rehearsal.steps, writesRestedMs: rehearsal.writesRestedMs, active: rehearsal.active, failed };
  }
}

class Rehearsal extends Protocol {
  readonly writesRestedMs: number[] = [];
  active: string | null = null;
  readonly #gateway: Gateway;
  readonly #signal: AbortSignal;

  constructor(gateway: Gateway, signal: AbortSignal) {
    super();
    this.#gateway = gateway;
    this.#signal = signal;
  }

  /** @param crossingMs so long it is asked again where changes have not crossed */
  async change(step: string, ask: () => Promise<PromotedView>, crossingMs = 0): Promise<void> {
    const before = this.active;
    this.active = null;
    let asked = 0;
    const once = (): Promise<PromotedView> => {
      asked = performance.now();
      return ask();
    };
    const words = ({ epoch, crossing }: PromotedView): string => `epoch ${epoch}; crossed: ${crossingText(crossing, Date.now())}`;
    const made = await this.step(step, () => untilCrossed(once, crossingMs, this.#signal), words).catch((error: unknown) => {
      // What was refused was not done.
      if (error instanceof ApiError && error.status < 500) this.active = before;
      throw error;
    });
    this.active = made.active;
    this.writesRestedMs.push(await this.works(made.active, asked, made.writesInMs + PATIENCE_MS));
  }

  /** @returns how long after `since` it took a write, ms */
  async works(region: string, since: number, forMs: number = PATIENCE_MS): Promise<number> {
    const [gateway, signal] = [this.#gateway, this.#signal];
    const text = await this.step(`write at ${region}`, () => writtenAt(gateway, region, forMs, signal), 'taken');
    const took = Math.round(performance.now() - since);
    await this.step(`read at ${region}`, () => readBack(gateway, region, text, signal), 'the same bytes');
    await this.step(`remove at ${region}`, () => removed(gateway, signal), 'removed');
    return took;
  }
}

async function untilCrossed(ask: () => Promise<PromotedView>, forMs: number, signal: AbortSignal): Promise<PromotedView> {
  const until = performance.now() + forMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || performance.now() > until) throw error;
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
  }
}
