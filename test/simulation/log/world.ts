/** One schedule of the log: real appenders and readers over a modelled store, under chance. */
import { draftOf, written } from '../../../lib/core/log/draft.ts';
import { CLOCKS_WITHIN_MS } from '../../../lib/core/log/rules.ts';
import { Appender } from '../../../lib/usecases/log/appender.ts';
import { Process } from '../gateway/process.ts';
import { Random } from '../random.ts';
import { Scheduler } from '../scheduler.ts';
import type { Outcome } from '../world.ts';
import { LogMonitor } from './monitor.ts';
import { LogNetwork } from './network.ts';
import { type ReaderWorld, read } from './reader.ts';
import { type LogOp, type LogScenario, NO_FAULTS } from './scenario.ts';
import { ModelLogStore, SharedLog } from './store.ts';

const MAX_STEPS = 20_000;
/** When faults have ended, every event is stored within this: what was frozen wakes, and clients try again some times. */
const STORED_WITHIN_MS = 1_200_000;

const TRIES = 5;

interface Running {
  readonly process: Process;
  readonly appender: Appender;
}

/** What a client wants to be in a stream. */
interface Sending {
  readonly stream: string;
  readonly ids: readonly string[];
  isDone: boolean;
  /** Its last call of an appender: only that one's failure makes it try again. */
  call: string;
  /** How often it has asked: it grows more patient. */
  tries: number;
}

export class LogWorld {
  readonly #scenario: LogScenario;
  readonly #random: Random;
  readonly #scheduler = new Scheduler();
  readonly #network: LogNetwork;
  readonly #shared = new SharedLog();
  readonly #monitor: LogMonitor;
  readonly #places: (Running | null)[];
  readonly #sendings: Sending[] = [];
  readonly #reading: ReaderWorld;
  #isOver = false;
  #serial = 0;

  constructor(scenario: LogScenario, scheduleSeed: number, trace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#random = new Random(scheduleSeed);
    this.#network = new LogNetwork(this.#scheduler, this.#random, scenario.faults);
    if (trace) this.#network.trace = trace;
    this.#monitor = new LogMonitor(scenario, this.#shared);
    this.#reading = { shared: this.#shared, network: this.#network, monitor: this.#monitor };
    this.#places = scenario.clocks.map((_, place) => this.#started(place));
    for (const op of scenario.ops) this.#scheduler.after(op.at, () => this.#do(op));
    this.#scheduler.after(scenario.faultsForMs, () => this.#calmDown());
  }

  /** Runs one step. @returns false when the schedule is over */
  step(): boolean {
    if (this.#monitor.violations.length > 0 || this.#isOver) return false;
    if (this.#scheduler.steps > MAX_STEPS) this.#monitor.violate('L8', 'the schedule does not end');
    return this.#scheduler.step();
  }

  outcome(): Outcome {
    return { violations: this.#monitor.violations, steps: this.#scheduler.steps };
  }

  #started(place: number): Running {
    const { rate, skewMs } = this.#scenario.clocks[place] ?? { rate: 1, skewMs: 0 };
    const process = new Process(`p${place}.${++this.#serial}`, this.#scheduler, { rate, skewMs, stands: 'none' });
    const store = new ModelLogStore(this.#shared, this.#network, process);
    const ids = { next: () => `b${++this.#serial}`, random: () => this.#random.next() };
    return { process, appender: new Appender({ store, clock: process.clock, ids, window: this.#scenario.window }) };
  }

  /** Whoever died is followed by another, with empty memory, some time later. */
  #alive(place: number): Running | null {
    const running = this.#places[place];
    if (!running || running.process.alive) return running ?? null;
    this.#places[place] = null;
    this.#scheduler.after(this.#random.between(1, 500), () => {
      this.#places[place] = this.#started(place);
    });
    return null;
  }

  #do(op: LogOp): void {
    this.#network.tell('—', () => JSON.stringify(op));
    switch (op.do) {
      case 'send': {
        const ids = Array.from({ length: op.count }, () => `e${++this.#serial}`);
        const sending = { stream: op.stream, ids, isDone: false, call: '', tries: 0 };
        this.#sendings.push(sending);
        this.#send(sending, op.process, op.again);
        break;
      }
      case 'freeze':
        this.#places[op.process]?.process.freeze(op.forMs);
        break;
      case 'kill':
        this.#places[op.process]?.process.die();
        break;
      case 'outage':
        this.#network.isDown = true;
        this.#scheduler.after(op.forMs, () => {
          this.#network.isDown = false;
        });
        break;
      case 'retain':
        this.#retain();
        break;
      case 'read': {
        const running = this.#alive(op.process);
        if (running) void read(this.#reading, running.process, op.reading);
        break;
      }
    }
  }

  /** By a clock that is as wrong as one may be. */
  #retain(): void {
    this.#shared.removeOld(this.#scheduler.now + this.#random.pick([0, CLOCKS_WITHIN_MS, -CLOCKS_WITHIN_MS]));
  }

  /** As a client does: it is told that its events are there, or that they may be; or nobody answers, and it asks another process. */
  #send(sending: Sending, place: number, again: boolean): void {
    const call = `c${++this.#serial}`;
    sending.call = call;
    sending.tries++;
    const elsewhere = (): number => this.#random.between(0, this.#places.length - 1);
    const retry = (): void => {
      if (!sending.isDone && sending.call === call) this.#send(sending, elsewhere(), false);
    };
    const running = this.#alive(place);
    if (!running) {
      this.#scheduler.after(this.#random.between(1, 1_000), retry);
      return;
    }
    const { process, appender } = running;
    let isAnswered = false;
    // Nobody answers: it is dead, or frozen.
    this.#scheduler.after(this.#random.between(9_000, 30_000) * Math.min(sending.tries, 20), retry, () => isAnswered && process.alive);
    process.deliver(0, () => {
      const events = sending.ids.map((id) => written(eventOf(id, call, Math.round(this.#scheduler.now))));
      appender.append(sending.stream, events).then(
        (placed) => {
          isAnswered = true;
          sending.isDone = true;
          this.#network.tell(call, () => `${sending.stream} holds ${JSON.stringify(placed)}`);
          this.#monitor.acknowledged(sending.stream, call, sending.ids, placed);
          if (again) this.#scheduler.after(this.#random.between(0, 5_000), () => this.#send(sending, elsewhere(), false));
        },
        (error: unknown) => {
          isAnswered = true;
          this.#network.tell(call, () => String(error));
          this.#scheduler.after(this.#random.between(0, 500), retry);
        },
      );
    });
  }

  #calmDown(): void {
    this.#network.faults = NO_FAULTS;
    this.#network.isDown = false;
    const thawed = Math.max(this.#scheduler.now, ...this.#places.map((running) => running?.process.frozenUntil ?? 0));
    this.#scheduler.after(thawed - this.#scheduler.now + STORED_WITHIN_MS, () => {
      for (const { stream, ids, isDone } of this.#sendings) {
        if (!isDone) this.#monitor.violate('L8', `${ids.join(', ')} did not come into ${stream}, long after the last fault`);
      }
      void this.#readToTheEnd();
    });
  }

  /** By a subscriber that began some time, or begins now: it comes to the end. */
  async #readToTheEnd(): Promise<void> {
    const process = this.#started(0).process;
    for (const stream of this.#shared.streams.keys()) {
      // What was removed is told once, and each time an old reader went on meanwhile.
      for (let tries = 1; !(await read(this.#reading, process, { stream, subscriber: 'r', batchSize: 3 })); tries++) {
        if (tries > TRIES) this.#monitor.violate('L8', `a reader does not come to the end of ${stream}`);
      }
      const end = this.#shared.checkpoints.get(`${stream}/r`)?.cursor.sequence ?? 0;
      if (end !== this.#monitor.lengthOf(stream)) this.#monitor.violate('L9', `a reader ended at ${end} of ${stream}`);
    }
    this.#isOver = true;
  }
}

function eventOf(id: string, call: string, now: number) {
  return draftOf({
    id,
    operation: 'INSERT',
    collection: Number(id.slice(1)) % 2 === 0 ? 'even' : 'odd',
    documentId: id,
    timestamp: now,
    correlationId: call,
  });
}
