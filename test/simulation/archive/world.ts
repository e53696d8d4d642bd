/** Writers, compactions and removals of one table at once, under faults; then calm, and one more run. */
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { StoredEvent } from '../../../lib/core/iceberg/envelope.ts';
import { archive } from '../../../lib/usecases/iceberg/archive.ts';
import { COMMIT_LIMIT_MS } from '../../../lib/usecases/iceberg/commit.ts';
import { compactTable } from '../../../lib/usecases/iceberg/compact.ts';
import type { TableDeps } from '../../../lib/usecases/iceberg/deps.ts';
import { expireSnapshots, removeOrphans } from '../../../lib/usecases/iceberg/upkeep.ts';
import { Random } from '../random.ts';
import { Actor, Scheduler } from '../scheduler.ts';
import { ArchiveMonitor, type Violation } from './monitor.ts';
import { JSON_ROWS } from './rows.ts';
import type { ArchiveScenario } from './scenario.ts';
import { ModelStore } from './store.ts';

const DAY_MS = 86_400_000;
const ORPHANS_AFTER_MS = 7_200_000;
const BATCH = 3;

export class ArchiveWorld {
  readonly #scheduler = new Scheduler();
  readonly #random: Random;
  readonly #monitor = new ArchiveMonitor();
  readonly #store: ModelStore;
  readonly #scenario: ArchiveScenario;
  readonly #events: readonly StoredEvent[];
  readonly #start: number;
  #ids = 0;
  #calm = false;

  constructor(scenario: ArchiveScenario, scheduleSeed: number, trace?: (line: string) => void) {
    this.#scenario = scenario;
    this.#random = new Random(scheduleSeed);
    this.#start = this.#scheduler.now;
    this.#store = new ModelStore(
      this.#scheduler,
      this.#random,
      scenario.faults,
      (name, before) => this.#monitor.changed(this.#store.held, name, before),
      trace,
    );
    this.#events = Array.from({ length: scenario.events }, (_, at) => this.#event(at + 1));
    for (const [kind, count] of Object.entries(scenario.runs)) {
      for (let n = 1; n <= count; n++) this.#scheduler.after(this.#random.between(0, scenario.span), () => this.#run(kind, `${kind}${n}`));
    }
  }

  step(): boolean {
    if (this.#monitor.violations.length > 0) return false;
    if (this.#scheduler.step()) return true;
    if (this.#calm) return false;
    // What was stuck stays stuck; whoever comes next must get by.
    this.#calm = true;
    this.#store.calm = true;
    this.#run('archive', 'last', () => this.#monitor.settled(this.#scenario.events));
    return true;
  }

  outcome(): { readonly violations: readonly Violation[]; readonly steps: number } {
    return { violations: this.#monitor.violations, steps: this.#scheduler.steps };
  }

  #run(kind: string, name: string, then?: () => void): void {
    const actor = new Actor(name);
    const deps = this.#depsOf(actor);
    const since = this.#scheduler.now;
    if (!this.#calm && this.#random.chance(this.#scenario.faults.crash)) {
      this.#scheduler.after(this.#random.between(0, 600), () => {
        actor.alive = false;
      });
    }
    const done = this.#act(kind, deps).catch((error: unknown) => {
      // Failures are what faults make; anything else is a defect. Whoever stood still for hours may look for what was removed meanwhile.
      const late = this.#scheduler.now - since > COMMIT_LIMIT_MS;
      if (!(error instanceof TidemarkError && (error.retryable || (late && error.code === 'ARCHIVE_BROKEN'))))
        this.#monitor.violations.push({ invariant: 'T7', what: `${name}: ${String(error)}` });
    });
    done.then(then, then);
  }

  async #act(kind: string, deps: TableDeps): Promise<void> {
    if (kind === 'archive') {
      const { through } = await archive(deps, {
        stream: 'stream',
        rowsPerCommit: this.#scenario.rowsPerCommit,
        events: (after) => this.#stream(after),
      });
      this.#monitor.acknowledged(through);
    } else if (kind === 'compact') await compactTable(deps, { targetBytes: 100_000, minFiles: 2, maxManifests: 3 });
    else if (kind === 'expire') await expireSnapshots(deps, this.#random.between(0, 3_600_000), this.#random.between(1, 2));
    else await removeOrphans(deps, ORPHANS_AFTER_MS);
  }

  /** What the stream holds by now. */
  async *#stream(after: number): AsyncGenerator<readonly StoredEvent[]> {
    const share = this.#calm ? 1 : Math.min(1, (this.#scheduler.now - this.#start) / this.#scenario.span);
    const there = Math.ceil(this.#events.length * share);
    for (let at = after; at < there; at += BATCH) yield this.#events.slice(at, Math.min(there, at + BATCH));
  }

  #depsOf(actor: Actor): TableDeps {
    return {
      files: this.#store.seenBy(actor),
      rows: JSON_ROWS,
      clock: {
        now: () => this.#scheduler.now,
        sleep: (ms) => new Promise((resolve) => this.#scheduler.after(ms, resolve, () => !actor.alive)),
      },
      ids: { next: () => `id-${++this.#ids}`, random: () => this.#random.next() },
    };
  }

  #event(sequence: number): StoredEvent {
    const timestamp = this.#start + (this.#random.between(1, this.#scenario.days) - 1) * DAY_MS;
    return {
      stored: this.#start,
      event: { id: `event-${sequence}`, operation: 'INSERT', collection: 'things', documentId: 'one', timestamp, sequence },
    };
  }
}
