/** Watches what the processes do, by true time, and says which invariant of lib/core/gateway/SPEC.md broke. */
import type { ControlRecord, Switch } from '../../../lib/core/gateway/control.ts';
import { IN_A_ROW, PROBE_EVERY_MS, RATE_ERROR, REST_ROUNDS } from '../../../lib/core/gateway/rules.ts';
import type { Writer } from '../../../lib/usecases/gateway/authority.ts';
import type { Violation } from '../monitor.ts';
import type { Process } from './process.ts';
import type { GatewayScenario, Region } from './scenario.ts';
import type { Shared } from './stores.ts';

type Round = Readonly<Record<Region, boolean>>;

/** From the probe that a promotion begins with to its end, at most. */
const ASKED_FOR_MS = 120_000;

export class GatewayMonitor {
  readonly violations: Violation[] = [];
  readonly #scenario: GatewayScenario;
  readonly #shared: Shared;
  readonly #now: () => number;
  /** Who was active in each epoch, and since when. */
  readonly #epochs = new Map<number, { readonly active: string; readonly made: Switch; readonly at: number }>();
  /** When a process last asked for an answer that showed it an epoch open, and how long that is good for. */
  readonly #shown = new Map<string, { readonly askedAt: number; readonly leaseMs: number }>();
  /** What the rounds of each observer that counted came to: true where the region answered. */
  readonly #rounds = new Map<string, Round[]>();
  /** The probes of each process's present round. */
  readonly #probing = new Map<Process, Partial<Record<string, boolean>>>();
  /** When a process last got an answer to a probe of a region. */
  readonly #answered = new Map<string, number>();
  #writtenIn = 0;

  constructor(scenario: GatewayScenario, shared: Shared, now: () => number) {
    this.#scenario = scenario;
    this.#shared = shared;
    this.#now = now;
    shared.onSwapping = (next, process) => {
      // What an observer counts after it asked says nothing of why it asked.
      const rounds = this.#rounds.get(observerOf(next.switches[0])) ?? [];
      return (before) => this.#swapped(next, before, process, rounds);
    };
    shared.onShown = (record, process, askedAt) => this.#showed(record, process, askedAt);
    shared.onCounting = ({ observer }, process) => this.#counting(observer, process);
  }

  violate(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** A write is begun, or about to be made visible, and its process thinks that it may. */
  writes(process: Process, { region, epoch }: Writer): void {
    const known = this.#epochs.get(epoch);
    if (known?.active !== region) this.violate('G2', `${process.name} writes to ${region} in epoch ${epoch}, where ${known?.active} is active`);
    if (epoch < this.#writtenIn) this.violate('G1', `${process.name} writes in epoch ${epoch} after others did in epoch ${this.#writtenIn}`);
    this.#writtenIn = Math.max(epoch, this.#writtenIn);
    const shown = this.#shown.get(`${process.name}/${epoch}`);
    const limit = (shown?.leaseMs ?? 0) / (1 - RATE_ERROR) + 1;
    if (!shown || this.#now() - shown.askedAt > limit)
      this.violate('G4', `${process.name} writes in epoch ${epoch}, ${this.#now() - (shown?.askedAt ?? 0)} ms after it asked`);
  }

  probes(process: Process, region: string): void {
    this.#probing.set(process, { ...this.#probing.get(process), [region]: false });
  }

  probed(process: Process, region: string): void {
    this.#answered.set(`${process.name}/${region}`, this.#now());
    this.#probing.set(process, { ...this.#probing.get(process), [region]: true });
  }

  read(process: Process, askedAt: number): void {
    const tookMs = this.#now() - askedAt;
    if (tookMs > 600 && !process.wasFrozenSince(askedAt)) this.violate('G9', `${process.name} waited ${tookMs} ms to learn where to read`);
  }

  finish(): void {
    const record = this.#shared.record;
    for (const { intent, epoch } of record?.switches ?? []) {
      const isTold = this.#shared.audit.some(
        ({ action, details }) => action.endsWith('.outcome') && details?.intent === intent && details.made === true,
      );
      if (!isTold) this.violate('G10', `the audit trail does not tell that epoch ${epoch} was made`);
    }
  }

  #showed({ epoch, open, leaseMs }: ControlRecord, process: Process, askedAt: number): void {
    if (!open) return;
    const name = `${process.name}/${epoch}`;
    const known = this.#shown.get(name);
    if (!known || known.askedAt < askedAt) this.#shown.set(name, { askedAt, leaseMs });
  }

  #counting(observer: string, process: Process): () => void {
    const { east = false, west = false } = this.#probing.get(process) ?? {};
    return () => this.#rounds.set(observer, [...(this.#rounds.get(observer) ?? []), { east, west }]);
  }

  #swapped(next: ControlRecord, before: ControlRecord | null, process: Process, rounds: readonly Round[]): void {
    if (next.version !== (before?.version ?? 0) + 1) this.violate('G3', `version ${before?.version ?? 0} became ${next.version}`);
    if (before && next.epoch === before.epoch) {
      if (next.active !== before.active) this.violate('G2', `epoch ${next.epoch} had ${before.active} active, and then ${next.active}`);
      if (before.open && !next.open) this.violate('G3', `epoch ${next.epoch} was closed again`);
      return;
    }
    if (next.epoch !== (before?.epoch ?? 0) + 1) this.violate('G3', `epoch ${before?.epoch ?? 0} became ${next.epoch}`);
    if (before && next.open) this.violate('G1', `epoch ${next.epoch} was open at once`);
    this.#switched(next.switches[0], next, process, rounds);
  }

  #switched(made: Switch, { epoch, active }: ControlRecord, process: Process, rounds: readonly Round[]): void {
    const { intent, kind, to, by } = made;
    const announced = this.#shared.audit[intent - 1];
    if (announced?.action !== `failover.${kind}` || announced.subject !== to || announced.actor !== by)
      this.violate('G10', `epoch ${epoch} names entry ${intent} of the audit trail, which tells ${JSON.stringify(announced ?? null)}`);
    const twice = [...this.#epochs.values()].find(
      (one) => one.made.intent === intent || (kind !== 'auto' && one.made.by === by && one.made.kind !== 'begin'),
    );
    if (twice) this.violate('G5', `what ${by} asked for made epoch ${twice.made.epoch}, and epoch ${epoch} too`);
    if (kind === 'auto') this.#automatic(made, rounds);
    else if (kind !== 'begin' && !made.forced && !this.#hasAnswered(process, to))
      this.violate('G7', `${by} promoted ${to}, which does not answer, without forcing it`);
    this.#epochs.set(epoch, { active, made, at: this.#now() });
  }

  #hasAnswered(process: Process, region: string): boolean {
    const at = this.#answered.get(`${process.name}/${region}`) ?? 0;
    return this.#now() - at <= ASKED_FOR_MS || (at > 0 && process.wasFrozenSince(at));
  }

  #automatic(made: Switch, rounds: readonly Round[]): void {
    const { epoch, from, to, by } = made;
    if (this.#scenario.mode === 'manual') this.violate('G6', `${by} made epoch ${epoch} in manual mode`);
    const recent = rounds.slice(-IN_A_ROW);
    if (recent.length < IN_A_ROW || recent.some((round) => round[from as Region]))
      this.violate('G6', `${by} condemned ${from} after ${JSON.stringify(recent.map((round) => round[from as Region]))}`);
    if (this.#scenario.observers[Number(observerOf(made).slice(1))] === from)
      this.violate('G6', `${by} condemned ${from}, the region that it runs in`);
    const sinceFailure = rounds.length - 1 - rounds.findLastIndex((round) => !round[to as Region]);
    const hasFailed = rounds.some((round) => !round[to as Region]);
    if (hasFailed && sinceFailure < IN_A_ROW) this.violate('G7', `${by} promoted ${to}, which answered ${sinceFailure} times since it failed`);
    const former = this.#epochs.get(epoch - 1);
    const restMs = (REST_ROUNDS * PROBE_EVERY_MS) / (1 + RATE_ERROR);
    if (former && (former.made.kind === 'auto' || former.made.forced) && this.#now() - former.at < restMs)
      this.violate('G8', `${by} made epoch ${epoch} ${this.#now() - former.at} ms after epoch ${epoch - 1}`);
  }
}

function observerOf({ by }: Switch): string {
  return by.replace('observer:', '');
}
