/** One schedule of the gateway: the real use-cases over modelled stores, regions, clocks and clients, under chance. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import { type GatewayRules, PROBE_EVERY_MS } from '../../../lib/core/gateway/rules.ts';
import { Authority } from '../../../lib/usecases/gateway/authority.ts';
import { probeRound } from '../../../lib/usecases/gateway/probe-round.ts';
import { type AskDeps, failback, promote } from '../../../lib/usecases/gateway/promote.ts';
import { Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import type { Outcome } from '../world.ts';
import { GatewayMonitor } from './monitor.ts';
import { GatewayNetwork } from './network.ts';
import { Pair } from './pair.ts';
import { Process } from './process.ts';
import { type GatewayOp, type GatewayScenario, NO_FAULTS, REGIONS, type Region } from './scenario.ts';
import { ModelAudit, ModelControl, Shared } from './stores.ts';

const MAX_STEPS = 40_000;
const ROUTE = 'pair';
/** When faults have ended, writes are taken again within this: a rest, three failed probes, the closed time of the longest lease, and rounds in between. */
const RESUMES_WITHIN_MS = 450_000;
const WHOLE_ROUNDS_MS = 45_000;

/** A process, and what runs in it. */
interface Running {
  readonly process: Process;
  readonly authority: Authority;
  readonly deps: AskDeps;
}

export class GatewayWorld {
  readonly #scenario: GatewayScenario;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #network: GatewayNetwork;
  readonly #shared = new Shared();
  readonly #pair: Pair;
  readonly #monitor: GatewayMonitor;
  /** The gateways first, then the observers; a process that died is followed by another in its place. */
  readonly #places: (Running | null)[];
  readonly #acknowledged = new Set<number>();
  #calm = false;
  #over = false;
  #serial = 0;

  constructor(scenario: GatewayScenario, scheduleSeed: number, trace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#random = new Random(scheduleSeed);
    this.#network = new GatewayNetwork(this.#scheduler, this.#random, scenario.faults);
    if (trace) this.#network.trace = trace;
    this.#pair = new Pair(this.#scheduler, scenario.skews, (region) => !this.#network.outages.has(region));
    this.#monitor = new GatewayMonitor(scenario, this.#shared, () => this.#scheduler.now);
    this.#places = scenario.clocks.map(() => null);
    for (const place of this.#places.keys()) this.#start(place);
    for (const op of scenario.ops) this.#scheduler.after(op.at, () => this.#do(op));
    this.#scheduler.after(scenario.faultsForMs, () => this.#calmDown());
  }

  /** Runs one step. @returns false when the schedule is over */
  step(): boolean {
    if (this.#monitor.violations.length > 0 || this.#over) return false;
    if (this.#scheduler.steps > MAX_STEPS) this.#monitor.violate('G11', 'the schedule does not end');
    return this.#scheduler.step();
  }

  outcome(): Outcome {
    return { violations: this.#monitor.violations, steps: this.#scheduler.steps };
  }

  #rulesOf(place: number): GatewayRules {
    return { regions: REGIONS, first: 'east', mode: this.#scenario.mode, leaseMs: this.#scenario.leasesMs[place] ?? 10_000 };
  }

  #start(place: number): void {
    const { gateways, clocks } = this.#scenario;
    const isObserver = place >= gateways;
    const process = new Process(
      `${isObserver ? 'observer' : 'gateway'}${place}.${++this.#serial}`,
      this.#scheduler,
      clocks[place] ?? { rate: 1, skewMs: 0, stands: 'none' },
    );
    const authority = new Authority({
      control: new ModelControl(this.#shared, this.#network, process),
      audit: new ModelAudit(this.#shared, this.#network, process),
      clock: process.clock,
      rules: this.#rulesOf(place),
    });
    const deps: AskDeps = {
      authority,
      route: ROUTE,
      check: (region, signal) => this.#check(process, region as Region, signal),
      measure: () => this.#measure(process),
    };
    this.#places[place] = { process, authority, deps };
    if (isObserver) void this.#observe(place, { process, authority, deps });
  }

  /** Whoever died is followed by another some time later. */
  #alive(place: number): Running | null {
    const running = this.#places[place];
    if (!running) return null;
    if (running.process.alive) return running;
    this.#places[place] = null;
    this.#scheduler.after(this.#random.between(500, 30_000), () => this.#start(place));
    return null;
  }

  async #observe(place: number, { process, deps }: Running): Promise<void> {
    const number = place - this.#scenario.gateways;
    const observer = { name: `o${number}`, sits: this.#scenario.observers[number] ?? null };
    // Watched from outside, as a platform does: it runs again where it died.
    const watch = (): void => {
      if (this.#alive(place) !== null) this.#scheduler.after(20_000, watch);
    };
    this.#scheduler.after(20_000, watch);
    await process.clock.sleep(this.#random.between(0, PROBE_EVERY_MS));
    for (;;) {
      await probeRound({ ...deps, observer }).catch(() => undefined);
      await process.clock.sleep(PROBE_EVERY_MS);
    }
  }

  async #check(process: Process, region: Region, signal: AbortSignal): Promise<void> {
    this.#monitor.probes(process, region);
    const lies = this.#random.chance(this.#network.faults.lie);
    const failed = new TidemarkError('UNAVAILABLE', 'no answer', { region });
    try {
      await this.#network.call(process, region, `${region}.check`, () => undefined);
    } catch (error) {
      if (!lies) throw error;
    }
    if (signal.aborted) return;
    const isUp = !this.#network.outages.has(region);
    if (lies && isUp) throw failed;
    this.#monitor.probed(process, region);
  }

  async #measure(process: Process): Promise<{ route: string; at: number; through: number; open: number; failedSince: null }> {
    await this.#network.call(process, 'east', 'east.measure', () => undefined);
    const at = process.clock.now();
    const since = this.#pair.waitingSince();
    return { route: ROUTE, at, through: since === null ? at : at - (this.#scheduler.now - since), open: this.#pair.waiting, failedSince: null };
  }

  #do(op: GatewayOp): void {
    this.#network.tell('—', () => JSON.stringify(op));
    switch (op.do) {
      case 'write':
        this.#in(op.gateway, (running) => this.#write(running, op.gateway, op.key, op.takesMs, op.remove === true));
        break;
      case 'read':
        this.#in(op.gateway, (running) => this.#read(running, op.key, op.repair));
        break;
      case 'promote':
      case 'failback':
        this.#in(op.gateway, (running) => this.#ask(running, op));
        break;
      case 'outage':
        this.#outage(op);
        break;
      case 'cut':
        this.#cut(op);
        break;
      case 'freeze':
        if (!this.#calm) this.#places[op.process]?.process.freeze(op.forMs);
        break;
      case 'set':
        this.#places[op.process]?.process.setBy(op.byMs);
        break;
      case 'kill':
        this.#places[op.process]?.process.die();
        break;
    }
  }

  /** A request that reaches a gateway, as soon as that runs. */
  #in(gateway: number, work: (running: Running) => Promise<void>): void {
    const running = this.#alive(gateway);
    running?.process.deliver(0, () => void work(running));
  }

  #outage({ place, kind, forMs }: Extract<GatewayOp, { do: 'outage' }>): void {
    if (this.#calm) return;
    this.#network.outages.set(place, kind);
    const over = (): void => {
      this.#network.outages.delete(place);
    };
    this.#scheduler.after(forMs, over, () => this.#calm);
  }

  #cut({ process: place, place: from, forMs }: Extract<GatewayOp, { do: 'cut' }>): void {
    const name = this.#places[place]?.process.name;
    if (name === undefined || this.#calm) return;
    this.#network.cuts.add(`${name}/${from}`);
    this.#scheduler.after(forMs, () => this.#network.cuts.delete(`${name}/${from}`));
  }

  async #write({ process, authority }: Running, gateway: number, key: string, takesMs: number, remove: boolean): Promise<void> {
    const value = remove ? null : `v${++this.#serial}`;
    try {
      await authority.writing(async (writer) => {
        this.#monitor.writes(process, writer);
        await process.clock.sleep(takesMs);
        if (!writer.holds()) throw new TidemarkError('NO_WRITER', 'the lease ended', {});
        this.#monitor.writes(process, writer);
        const region = writer.region as Region;
        await this.#network.call(process, region, `${region}.put ${key} ${value}`, () => this.#pair.put(region, key, value));
      });
      this.#acknowledged.add(gateway);
    } catch {
      // The client is told; what landed nevertheless is a write like any other.
    }
  }

  async #read({ process, authority }: Running, key: string, repair: boolean): Promise<void> {
    const askedAt = this.#scheduler.now;
    const { active, standby } = await authority.reader();
    this.#monitor.read(process, askedAt);
    const get = (region: string): Promise<string | null> =>
      this.#network.call(process, region as Region, `${region}.get ${key}`, () => this.#pair.get(region as Region, key));
    try {
      await get(active);
    } catch {
      const found = await get(standby).catch(() => null);
      if (repair && found !== null) this.#pair.repair(key, standby as Region, active as Region);
    }
  }

  async #ask(running: Running, op: Extract<GatewayOp, { do: 'promote' | 'failback' }>): Promise<void> {
    const by = `operator${++this.#serial}`;
    const { force } = op;
    try {
      const asked = { by, ...(force === undefined ? {} : { force }) };
      if (op.do === 'failback') await failback(running.deps, asked);
      else await promote(running.deps, op.region === undefined ? asked : { ...asked, region: op.region });
    } catch (error) {
      this.#network.tell(by, () => String(error));
    }
  }

  /** Faults end; one region may be gone for good, until the last phase. */
  #calmDown(): void {
    const { lost } = this.#scenario;
    this.#calm = true;
    this.#network.faults = NO_FAULTS;
    this.#network.outages.clear();
    this.#network.cuts.clear();
    if (lost !== null) this.#network.outages.set(lost, 'refuses');
    const thawed = Math.max(this.#scheduler.now, ...this.#places.map((running) => running?.process.frozenUntil ?? 0));
    this.#scheduler.after(thawed - this.#scheduler.now, () => {
      this.#acknowledged.clear();
      this.#awaitWrites(thawed);
    });
  }

  #awaitWrites(since: number): void {
    const forMs = this.#scheduler.now - since;
    const isWhole = this.#acknowledged.size === this.#scenario.gateways;
    if (isWhole && forMs >= WHOLE_ROUNDS_MS) {
      this.#settle();
      return;
    }
    if (forMs > RESUMES_WITHIN_MS) this.#monitor.violate('G11', `no writes ${forMs} ms after the last fault`);
    for (let gateway = 0; gateway < this.#scenario.gateways; gateway++) {
      if (!this.#acknowledged.has(gateway)) this.#in(gateway, (running) => this.#write(running, gateway, 'last', 0, false));
    }
    this.#scheduler.after(5_000, () => this.#awaitWrites(since));
  }

  #settle(): void {
    this.#network.outages.clear();
    this.#scheduler.after(20_000, () => {
      this.#monitor.finish();
      for (const problem of this.#pair.problems()) this.#monitor.violate('G12', problem);
      this.#over = true;
    });
  }
}
