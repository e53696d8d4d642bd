/** The one writer of the audit trail in a process: chains what it is told, and swaps the end of the chain. */
import { type AuditEvent, BEGINNING, entryAfter, type Link } from '../../core/audit/entry.ts';
import { asTidemarkError, TidemarkError } from '../../core/errors.ts';
import { backoff } from '../../core/retry.ts';
import { type Appended, type AuditStore, type AuditTrail, MAX_TOGETHER, type StoredEntry } from '../../ports/audit.ts';
import type { Clock, Ids } from '../../ports/system.ts';
import { type Canonical, storedEntry } from './stored.ts';

export interface TrailDeps {
  readonly store: AuditStore;
  readonly canonical: Canonical;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
  /** Told of what happened and could not be appended. */
  readonly onLost: (event: AuditEvent, error: TidemarkError) => void;
}

/** A caller waits no longer than an answer of the API may take. */
const WITHIN_MS = 8_000;
const PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

interface Waiting {
  readonly event: AuditEvent;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: TidemarkError) => void;
}

/**
 * What is appended while a put is under way goes along with the next one. Other processes append too: who finds the place taken reads the
 * end anew. A put without an answer is repeated as it was, so that it is there once, or its place is another's.
 */
export class ChainedTrail implements AuditTrail {
  readonly #deps: TrailDeps;
  readonly #waiting: Waiting[] = [];
  #running = false;
  /** The end as this process knows it; null: it is asked for. */
  #last: Link | null = null;

  constructor(deps: TrailDeps) {
    this.#deps = deps;
  }

  append(event: AuditEvent): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ event, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async note(event: AuditEvent): Promise<void> {
    try {
      await this.append(event);
    } catch (error) {
      this.#deps.onLost(event, asTidemarkError(error));
    }
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, MAX_TOGETHER);
      try {
        const entries = await this.#put(group.map(({ event }) => event));
        for (const [index, { sequence, hash }] of entries.entries()) group[index]?.resolve({ sequence, hash });
      } catch (error) {
        this.#last = null;
        for (const { reject } of group) reject(unavailable(asTidemarkError(error)));
      }
    }
    this.#running = false;
  }

  async #put(events: readonly AuditEvent[]): Promise<readonly StoredEntry[]> {
    const { store, clock } = this.#deps;
    const deadline = clock.now() + WITHIN_MS;
    for (let race = 1; ; race++) {
      this.#last ??= (await this.#answered(deadline, () => store.tail())) ?? BEGINNING;
      const entries = this.#chained(this.#last, events);
      if (await this.#answered(deadline, () => store.put(entries))) {
        this.#last = entries.at(-1) ?? null;
        return entries;
      }
      this.#last = null;
      if (!(await this.#mayGoOn(race, deadline))) throw new TidemarkError('THROTTLED', 'too many append to it at once');
    }
  }

  #chained(last: Link, events: readonly AuditEvent[]): readonly StoredEntry[] {
    const { canonical, clock } = this.#deps;
    const at = clock.now();
    let before = last;
    return events.map((event) => {
      const entry = storedEntry(canonical, entryAfter(before, event, at));
      before = entry;
      return entry;
    });
  }

  /** The same request until it is answered. */
  async #answered<T>(deadline: number, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (!asTidemarkError(error).retryable || !(await this.#mayGoOn(attempt, deadline))) throw error;
      }
    }
  }

  async #mayGoOn(attempts: number, deadline: number): Promise<boolean> {
    const { clock, ids } = this.#deps;
    if (clock.now() >= deadline) return false;
    await clock.sleep(backoff(attempts, PAUSE_MS, MAX_PAUSE_MS, ids.random()));
    return true;
  }
}

function unavailable(error: TidemarkError): TidemarkError {
  const { message, outcomeUnknown } = error;
  return new TidemarkError('AUDIT_UNAVAILABLE', `the audit trail does not take entries: ${message}`, outcomeUnknown ? { outcomeUnknown } : {}, error);
}
