import { TidemarkError } from '../../core/errors.ts';
import { DEFAULT_RETRY, decideRetry } from '../../core/retry.ts';
import type { Clock, Ids } from '../../ports/system.ts';
import type { OutgoingEvent, SqliteOutbox } from '../sqlite/outbox.ts';
import { signedHeaders } from './sign.ts';

export interface WebhookOptions {
  readonly url: string;
  readonly secret: Buffer;
  readonly outbox: SqliteOutbox;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random'>;
}

export interface Sent {
  readonly sent: number;
  readonly failed: number;
  /** Of the failed ones, those that are not tried again, and those that were given up since too many wait. */
  readonly dead: number;
  /** Why one failed, without what was sent. */
  readonly reason?: string;
}

const AT_ONCE = 8;
const ANSWER_MS = 10_000;

/** Sends what waits in the outbox, each event by a request of its own, which a receiver acknowledges with any 2xx. */
export class WebhookSender {
  readonly #options: WebhookOptions;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** What is due now, until the signal fires. Never throws for what a receiver does: it is tried again for hours, as an endpoint is. */
  async sendDue(signal: AbortSignal): Promise<Sent> {
    const total = { sent: 0, failed: 0, dead: await this.#options.outbox.shed() };
    let reason: string | undefined;
    const send = async (event: OutgoingEvent): Promise<void> => {
      const problem = await this.#post(event, signal);
      if (problem === null) {
        await this.#options.outbox.sent(event.id);
        total.sent++;
      } else if (!signal.aborted) {
        reason = problem;
        total.failed++;
        if (await this.#putOff(event, problem)) total.dead++;
      }
    };
    while (!signal.aborted) {
      const due = this.#options.outbox.due(AT_ONCE);
      await Promise.all(due.map(send));
      if (due.length < AT_ONCE) break;
    }
    return { ...total, ...(reason === undefined ? {} : { reason }) };
  }

  /** @returns what went wrong; null: it was taken */
  async #post({ id, body }: OutgoingEvent, signal: AbortSignal): Promise<string | null> {
    const { url, secret, clock } = this.#options;
    const headers = { 'content-type': 'application/json', 'user-agent': 'tidemark', ...signedHeaders(secret, id, body, clock.now()) };
    const until = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      // To where it was told to, and nowhere else.
      const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal: until });
      await answer.body?.cancel();
      return answer.ok ? null : `it answered ${answer.status}`;
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      return cause instanceof Error ? cause.message || cause.name : String(cause);
    }
  }

  /** @returns true when it is given up */
  async #putOff({ id, attempts }: OutgoingEvent, problem: string): Promise<boolean> {
    const { outbox, clock, ids } = this.#options;
    const decision = decideRetry(new TidemarkError('UNAVAILABLE', problem), attempts + 1, DEFAULT_RETRY, ids.random());
    await outbox.failed(id, decision.retry ? clock.now() + decision.delayMs : null);
    return !decision.retry;
  }
}
