/** The event source mapping of the embedded host: takes messages from the queue, calls the replay handler, acknowledges what it did. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Log } from '../../lambdas/shared/log.ts';
import type { SqliteQueue } from '../adapters/sqlite/queue.ts';
import type { ReceivedMessage } from '../adapters/sqlite/queue-messages.ts';
import { asTidemarkError } from '../core/errors.ts';
import type { Clock } from '../ports/system.ts';
import { lambdaContext } from './lambda-context.ts';
import { sqsEvent } from './sqs-event.ts';

export type SqsHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export interface QueuePollerOptions {
  readonly queue: Pick<SqliteQueue, 'receive' | 'acknowledge' | 'delay'>;
  readonly handler: SqsHandler;
  readonly clock: Clock;
  readonly log: Log;
  /** Messages in flight at most. */
  readonly concurrency: number;
  /** How long the handler may look at one batch, seconds. */
  readonly lookSec: number;
}

/** As SQS: one call of the handler gets at most this many, so that a slow key holds back few others. */
export const BATCH = 10;
/** Messages that one receive of this queue may bring: they are handed out in batches, while the transaction is paid once. */
export const RECEIVE_MAX = 100;
/** Longer than a look by what its last request may take to be given up. */
const VISIBILITY_MARGIN_SEC = 70;
/** For what the handler does beyond looking. */
const ANSWER_SEC = 5;
/** A gateway of its own process sends as well, and cannot wake this one. */
const WAIT_MS = 1_000;
const PAUSE_AFTER_FAILURE_MS = 1_000;

export class QueuePoller {
  readonly #options: QueuePollerOptions;
  readonly #stop = new AbortController();
  readonly #batches = new Map<Promise<void>, readonly ReceivedMessage[]>();
  #inFlight = 0;
  #freed: () => void = () => undefined;
  #loop: Promise<void> | null = null;

  constructor(options: QueuePollerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#poll();
  }

  /**
   * Takes nothing new, waits for the handlers in flight until the signal fires, and gives back what they still hold by then:
   * it is visible again at once, to whoever opens the queue next.
   */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stop.abort();
    this.#freed();
    await this.#loop;
    const over = new Promise<void>((resolve) => {
      if (deadline.aborted) resolve();
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([Promise.all(this.#batches.keys()), over]);
    await this.#giveBack([...this.#batches.values()].flat());
  }

  async #poll(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#receive();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        log.error('the queue did not give its messages; trying again', { error: asTidemarkError(error).message });
        await clock.sleep(PAUSE_AFTER_FAILURE_MS, this.#stop.signal);
      }
    }
  }

  async #receive(): Promise<void> {
    const { queue, concurrency, lookSec } = this.#options;
    const free = concurrency - this.#inFlight;
    // Few free places are not worth a transaction while much is under way.
    if (free < Math.min(BATCH, concurrency)) return this.#nextFree();
    const messages = await queue.receive({
      max: Math.min(free, RECEIVE_MAX),
      visibilitySec: lookSec + VISIBILITY_MARGIN_SEC,
      waitMs: WAIT_MS,
      signal: this.#stop.signal,
    });
    if (this.#stop.signal.aborted) return this.#giveBack(messages);
    for (let start = 0; start < messages.length; start += BATCH) this.#begin(messages.slice(start, start + BATCH));
  }

  #begin(batch: readonly ReceivedMessage[]): void {
    this.#inFlight += batch.length;
    const running = this.#handle(batch).finally(() => {
      this.#inFlight -= batch.length;
      this.#batches.delete(running);
      this.#freed();
    });
    this.#batches.set(running, batch);
  }

  /** A handler that throws leaves its messages: they come back when their visibility timeout is over. */
  async #handle(batch: readonly ReceivedMessage[]): Promise<void> {
    const { queue, handler, clock, log, lookSec } = this.#options;
    try {
      const answer = await handler(sqsEvent('replay', batch, clock.now()), lambdaContext('replay', (lookSec + ANSWER_SEC) * 1000));
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      await queue.acknowledge(batch.filter(({ messageId }) => !failed.has(messageId)).map(({ receipt }) => receipt));
    } catch (error) {
      log.error('a batch was not finished; its messages come back', { error: asTidemarkError(error).message, messages: batch.length });
    }
  }

  /** What cannot be given back comes back by its visibility timeout, or at the next start. */
  async #giveBack(messages: readonly ReceivedMessage[]): Promise<void> {
    await Promise.allSettled(messages.map(({ receipt }) => this.#options.queue.delay(receipt, 0)));
  }

  #nextFree(): Promise<void> {
    return new Promise((resolve) => {
      this.#freed = resolve;
    });
  }
}
