import { setTimeout as delay } from 'node:timers/promises';
import { IN_A_ROW, PROBE_EVERY_MS, PROBE_LIMIT_MS } from '../../../lib/core/gateway/rules.ts';
import { until } from '../../fixtures/until.ts';
import type { Form, Outcome, Played } from './drill.ts';
import { outcomeOf } from './judge.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface Acting {
  readonly form: Form;
  readonly stage: Stage;
  /** Lets things go on as they are for a while. */
  calm(): Promise<void>;
}

const WARM_UP_WRITES = 50;
const PATIENCE_MS = 60_000;
const LEASE_SEC: Readonly<Record<Form, number>> = { full: 10, short: 3 };
const CALM_MS: Readonly<Record<Form, number>> = { full: 10_000, short: 1_000 };

/** Between the active region's failure and the first write at the other one, ms: what the documentation promises, and a second for that write. */
const BOUND_MS = IN_A_ROW * PROBE_EVERY_MS + PROBE_LIMIT_MS + 1.04 * LEASE_SEC.full * 1000 + 1_000;

/** Sets the stage, lets the client work, plays, lets all come to rest, and judges. @throws Error where it does not come that far */
export async function play(form: Form, options: Partial<StageOptions>, act: (acting: Acting) => Promise<Played>): Promise<Outcome> {
  // In the short form nobody waits for three probes: a person switches.
  const stage = await Stage.set({ leaseSec: LEASE_SEC[form], mode: form === 'full' ? 'auto' : 'manual', ...options });
  try {
    const begun = performance.now();
    stage.client.start();
    // The first copies wait until the stores were tried out; what crosses late by that is no matter of the drill.
    await until(async () => (await stage.crossed()) >= WARM_UP_WRITES, { withinMs: PATIENCE_MS, what: 'changes cross as they come', everyMs: 100 });
    const played = await act({ form, stage, calm: () => delay(CALM_MS[form]) });
    await stage.client.stop();
    const verdict = await stage.settle();
    return outcomeOf(stage.client, { begun, verdict, ...played });
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`${why}\n${[...stage.client.failures].map(([each, times]) => `  ${times} × ${each}`).join('\n')}\n${stage.complaints}`);
  } finally {
    await stage.dispose();
  }
}

/**
 * Waits for the switch away from the first region, which fails, and for writes at the other one.
 * @returns what was promised and did not come
 */
export async function switchAway({ form, stage }: Acting, faultAt: number): Promise<Played> {
  if (form === 'short') await stage.promote(stage.secondary.name);
  await firstWrite(stage, 2);
  const took = (stage.client.ledger.firstOf(2)?.ended ?? Number.POSITIVE_INFINITY) - faultAt;
  const broken = form === 'full' && took > BOUND_MS ? [`writes resumed after ${Math.ceil(took / 1000)} s, ${BOUND_MS / 1000} are promised`] : [];
  return { faultAt, epoch: 2, broken };
}

/** Waits for it, and for longer than it may take. */
export async function firstWrite({ client: { ledger } }: Stage, epoch: number): Promise<void> {
  await until(() => ledger.firstOf(epoch) !== undefined, { withinMs: 2 * BOUND_MS, what: `a write is acknowledged in epoch ${epoch}` });
}

/** For what must not make anybody switch, or not again. @returns what is to be told where the epoch is greater */
export async function noSwitchBeyond(stage: Stage, epoch: number): Promise<Played> {
  const { switches, epoch: reached } = await stage.state();
  const made = switches.map(({ epoch: each, kind, why }) => `${each} by ${kind}: ${why}`).join('; ');
  return reached > epoch ? { broken: [`it switched, to epoch ${reached} (${made})`] } : {};
}
