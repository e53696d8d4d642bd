/** A store of files as the protocol assumes it: each request takes effect in one moment, or never; its sender may not learn of it. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { TableFile, TableFiles } from '../../../lib/ports/table-files.ts';
import type { Random } from '../random.ts';
import type { Actor, Scheduler } from '../scheduler.ts';
import type { ArchiveScenario } from './scenario.ts';

export const LOCATION = 's3://bucket/tables/stream';
const SOON = [1, 40] as const;
/** A request that got no answer may still arrive: not later than this, as its client and the store end it. */
const LATE_MS = 25 * 60_000;
const GIVEN_UP_MS = 5_000;
/** A process may stand still for longer than a commit may take. */
const FROZEN_MS = 5 * 3_600_000;

export interface Held {
  readonly bytes: Uint8Array;
  readonly modified: number;
}

export class ModelStore {
  readonly held = new Map<string, Held>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #faults: ArchiveScenario['faults'];
  readonly #onChange: (name: string, before: Held | undefined) => void;
  readonly #trace: ((line: string) => void) | undefined;
  calm = false;

  constructor(
    scheduler: Scheduler,
    random: Random,
    faults: ArchiveScenario['faults'],
    onChange: (name: string, before: Held | undefined) => void,
    trace?: (line: string) => void,
  ) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
    this.#onChange = onChange;
    this.#trace = trace;
  }

  /** The store as one run sees it. */
  seenBy(actor: Actor): TableFiles {
    const tell = (what: string) => this.#trace?.(`${this.#scheduler.now - 1_700_000_000_000} ms  ${actor.name}  ${what}`);
    const request = <T>(what: string, act: () => T): Promise<T> =>
      this.#request(actor, () => {
        tell(what);
        return act();
      });
    return {
      location: LOCATION,
      get: (name, part) => request(`get ${name}`, () => this.held.get(name)?.bytes.slice(part?.start, part?.end) ?? null),
      put: (name, bytes, condition) =>
        request(`put ${name} ${condition}`, () => {
          const before = this.held.get(name);
          if (before && condition === 'absent') return false;
          this.held.set(name, { bytes, modified: this.#scheduler.now });
          this.#onChange(name, before);
          return true;
        }),
      remove: (name) =>
        request(`remove ${name}`, () => {
          const before = this.held.get(name);
          if (!before) return;
          this.held.delete(name);
          this.#onChange(name, before);
        }),
      list: () => this.#list(request),
    };
  }

  async *#list(request: (what: string, act: () => TableFile[]) => Promise<TableFile[]>): AsyncGenerator<TableFile> {
    yield* await request('list', () => [...this.held].map(([name, { bytes, modified }]) => ({ name, bytes: bytes.length, modified })));
  }

  #request<T>(actor: Actor, act: () => T): Promise<T> {
    const random = this.#random;
    const faults = this.calm ? { lostRequest: 0, lostAnswer: 0, late: 0, freeze: 0 } : this.#faults;
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void): void => {
        const wait = random.chance(faults.freeze) ? random.between(0, FROZEN_MS) : random.between(...SOON);
        this.#scheduler.after(wait, settle, () => !actor.alive);
      };
      const unanswered = () =>
        this.#scheduler.after(
          GIVEN_UP_MS,
          () => reject(new TidemarkError('UNAVAILABLE', 'no answer came', { outcomeUnknown: true })),
          () => !actor.alive,
        );
      if (random.chance(faults.lostRequest)) {
        unanswered();
        return;
      }
      if (random.chance(faults.late)) {
        this.#scheduler.after(random.between(0, LATE_MS), act);
        unanswered();
        return;
      }
      // What is on its way arrives, whatever becomes of its sender.
      this.#scheduler.after(random.between(...SOON), () => {
        const result = act();
        if (random.chance(faults.lostAnswer)) unanswered();
        else answer(() => resolve(result));
      });
    });
  }
}
