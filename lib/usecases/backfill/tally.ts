/** Counts what became of a backfill's messages in a batch: one write a backfill and batch, none for all other batches. */
import { backfillOf } from '../../core/backfill/message.ts';
import { parseMessage } from '../../core/objects/message.ts';
import type { BackfillTally } from '../../ports/backfills.ts';
import type { OutgoingMessage, Queue } from '../../ports/queue.ts';
import type { IncomingMessage } from '../replay-messages.ts';

/** A queue that remembers which keys were given up, and which messages were sent anew. */
export class WatchedQueue implements Queue {
  readonly holdSec?: number;
  readonly #queue: Queue;
  readonly #parked = new Set<string>();
  readonly #sent = new Set<string>();

  constructor(queue: Queue) {
    this.#queue = queue;
    if (queue.holdSec !== undefined) this.holdSec = queue.holdSec;
  }

  async send(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#queue.send(messages);
    for (const { body } of messages) this.#sent.add(body);
  }

  delay(receipt: string, seconds: number): Promise<void> {
    return this.#queue.delay(receipt, seconds);
  }

  async park(body: string, reason: string): Promise<void> {
    await this.#queue.park(body, reason);
    const name = nameOf(body);
    if (name !== null) this.#parked.add(name);
  }

  /** The message waits, and is counted when it ends. */
  waitsAnew(body: string): boolean {
    return this.#sent.has(body);
  }

  gaveUp(body: string): boolean {
    const name = nameOf(body);
    return name !== null && this.#parked.has(name);
  }
}

/** @param failed ids of messages that come back: nothing has become of them yet */
export async function tallyBackfills(
  tally: BackfillTally,
  messages: readonly Pick<IncomingMessage, 'messageId' | 'body'>[],
  failed: readonly string[],
  queue: WatchedQueue,
): Promise<void> {
  const counts = new Map<string, { done: number; failed: number }>();
  const back = new Set(failed);
  for (const { messageId, body } of messages) {
    const job = backfillOf(body);
    if (job === null || back.has(messageId) || queue.waitsAnew(body)) continue;
    const count = counts.get(job) ?? { done: 0, failed: 0 };
    counts.set(job, count);
    if (queue.gaveUp(body)) count.failed++;
    else count.done++;
  }
  await Promise.all([...counts].map(([job, count]) => tally.add(job, count)));
}

function nameOf(body: string): string | null {
  const message = parseMessage(body);
  return message.kind === 'look' ? `${message.route}\n${message.key}` : null;
}
