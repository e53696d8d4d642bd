/** Processes of a gateway over one control record, with clocks that a test moves, and stores that it can break. */
import { SqliteControl } from '../../../lib/adapters/sqlite/control.ts';
import { openDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { GatewayRules } from '../../../lib/core/gateway/rules.ts';
import type { AuditEvent, AuditTrail } from '../../../lib/ports/audit.ts';
import type { ControlStore } from '../../../lib/ports/control.ts';
import { Authority } from '../../../lib/usecases/gateway/authority.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

export const RULES: GatewayRules = { regions: ['east', 'west'], first: 'east', mode: 'auto', leaseMs: 10_000 };
/** As long as an epoch stays closed after one whose lease is that of RULES. */
export const CLOSED_MS = 10_305;

/** `down`: refused, nothing happens. `unanswered`: what is written is written, and the answer is lost. */
export type Trouble = 'none' | 'down' | 'unanswered' | 'hangs';

export class World {
  readonly clock = new ManualClock();
  readonly events: AuditEvent[] = [];
  readonly store: ControlStore = new SqliteControl(openDatabase(':memory:'));
  control: Trouble = 'none';
  audit: Trouble = 'none';
  reads = 0;
  /** Regions whose probes fail. */
  readonly failing = new Set<string>();

  /** A process of the gateway. */
  process(rules: Partial<GatewayRules> = {}): Authority {
    const append: AuditTrail['append'] = (event) => this.#through(this.audit, async () => this.#append(event));
    const note: AuditTrail['note'] = async (event) => {
      await append(event).catch(() => undefined);
    };
    const audit: AuditTrail = { append, note };
    return new Authority({ control: this.#control(), audit, clock: this.clock, rules: { ...RULES, ...rules } });
  }

  readonly check = async (region: string): Promise<void> => {
    if (this.failing.has(region)) throw new TidemarkError('UNAVAILABLE', `${region} is down`);
  };

  /** What the audit trail tells, without what came of it. */
  intents(): readonly string[] {
    return this.events.map(({ action }) => action).filter((action) => !action.endsWith('.outcome'));
  }

  #append(event: AuditEvent): { sequence: number; hash: string } {
    return { sequence: this.events.push(event), hash: '' };
  }

  #control(): ControlStore {
    const { store } = this;
    return {
      read: () => {
        this.reads++;
        return this.#through(this.control === 'unanswered' ? 'none' : this.control, () => store.read());
      },
      swap: (next, expected) => this.#through(this.control, () => store.swap(next, expected)),
      observer: (name) => this.#through(this.control, () => store.observer(name)),
      observers: () => this.#through(this.control, () => store.observers()),
      putObserver: (next, expected) => this.#through(this.control === 'unanswered' ? 'none' : this.control, () => store.putObserver(next, expected)),
      watermarks: () => this.#through(this.control, () => store.watermarks()),
      putWatermark: (watermark) => this.#through(this.control, () => store.putWatermark(watermark)),
    };
  }

  async #through<T>(trouble: Trouble, work: () => Promise<T>): Promise<T> {
    if (trouble === 'hangs') return new Promise(() => undefined);
    const failed = new TidemarkError('UNAVAILABLE', 'no answer', { outcomeUnknown: true });
    if (trouble === 'down') throw failed;
    const result = await work();
    if (trouble === 'unanswered') throw failed;
    return result;
  }
}

/** Lets what is under way go on until it waits for the clock or is done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}
