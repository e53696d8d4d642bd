/** Where one look waits for its turn, and for its route's throttle. */
import type { TidemarkError } from '../core/errors.ts';
import type { ReplicationRecord } from '../core/objects/record.ts';
import { postpone } from '../core/objects/transitions.ts';
import type { KeyJob, KeyOutcome, ReplayDeps } from './key-job.ts';
import type { RoutePace, Turn } from './pace.ts';
import type { ActPlan } from './perform.ts';

type Waited = KeyOutcome | 'again' | null;

/** Each method returns the outcome of a look that is put off, `again` where the record is another one now, and null where it may go on. */
export class LookPace {
  readonly #deps: Pick<ReplayDeps, 'state' | 'clock'>;
  readonly #deadline: number;
  readonly #route: RoutePace;
  #turn: Turn | null = null;
  #mayWrite = false;
  #slowed = false;

  constructor(deps: Pick<ReplayDeps, 'state' | 'clock' | 'pace'>, { route, deadline }: Pick<KeyJob, 'route' | 'deadline'>) {
    this.#deps = deps;
    this.#deadline = deadline;
    this.#route = deps.pace.of(route);
  }

  /** Until the stores bear another look. */
  async enter(record: ReplicationRecord): Promise<Waited> {
    if (this.#turn) return null;
    const entered = await this.#route.enter(this.#deadline);
    if ('laterMs' in entered) return this.#postpone(record, entered.laterMs);
    this.#turn = entered;
    return null;
  }

  /** Until the throttle lets it write; asked before the key is claimed, so that no lease runs meanwhile. */
  async write(record: ReplicationRecord, decision: ActPlan): Promise<Waited> {
    if (this.#mayWrite) return null;
    const bytes = decision.act === 'remove' || decision.act === 'tags' ? 0 : decision.source.size;
    const laterMs = await this.#route.take(bytes, this.#deadline);
    if (laterMs !== null) return this.#postpone(record, laterMs);
    this.#mayWrite = true;
    return null;
  }

  failed({ code, fields }: TidemarkError): void {
    // An answer to HEAD carries no code: a 503 may ask to slow down.
    this.#slowed = code === 'THROTTLED' || fields.status === 503;
  }

  end(acted: boolean): void {
    if (this.#turn) this.#route.leave(this.#turn, this.#slowed ? 'slowed' : acted ? 'carried' : 'ended');
  }

  /** Written down, since what is delayed in a queue counts as no backlog. */
  async #postpone(record: ReplicationRecord, delayMs: number): Promise<Waited> {
    const { state, clock } = this.#deps;
    const now = clock.now();
    const put = postpone(record, now + delayMs, now);
    return put && !(await state.put(put, record.version)) ? 'again' : { kind: 'postponed', delayMs };
  }
}
