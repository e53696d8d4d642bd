import type { OutgoingMessage, Queue } from '../../../lib/ports/queue.ts';
import type { IncomingMessage } from '../../../lib/usecases/replay-messages.ts';
import type { Network } from '../network.ts';
import type { Random } from '../random.ts';
import type { Actor, Scheduler } from '../scheduler.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
}

/** A standard queue: at least once, in no order, invisible while someone has it, dead after too many receives. */
export class QueueModel {
  readonly dead: { readonly body: string; readonly reason: string }[] = [];
  readonly #messages = new Map<string, Message>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #maxReceives: number;
  /** Told when a message will become visible. */
  onVisible: (inMs: number) => void = () => undefined;
  #serial = 0;

  constructor(scheduler: Scheduler, random: Random, maxReceives = 120) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#maxReceives = maxReceives;
  }

  get size(): number {
    return this.#messages.size;
  }

  get hasVisible(): boolean {
    for (const { visibleAt } of this.#messages.values()) if (visibleAt <= this.#scheduler.now) return true;
    return false;
  }

  send(body: string, delayMs: number): void {
    const id = `m${++this.#serial}`;
    this.#messages.set(id, { id, body, visibleAt: this.#scheduler.now + delayMs, receives: 0 });
    this.onVisible(delayMs);
  }

  receive(max: number, visibilityMs: number): IncomingMessage[] {
    const visible = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= this.#scheduler.now);
    const received: IncomingMessage[] = [];
    while (received.length < max && visible.length > 0) {
      const [message] = visible.splice(this.#random.between(0, visible.length - 1), 1);
      if (!message) break;
      if (message.receives >= this.#maxReceives) {
        this.#messages.delete(message.id);
        this.dead.push({ body: message.body, reason: 'received too often' });
        continue;
      }
      message.receives++;
      message.visibleAt = this.#scheduler.now + visibilityMs;
      this.onVisible(visibilityMs);
      received.push({ messageId: message.id, receipt: `${message.id}/${message.receives}`, body: message.body, receiveCount: message.receives });
    }
    return received;
  }

  /** A receipt of an older receive has no effect. */
  acknowledge(receipt: string): void {
    const message = this.#byReceipt(receipt);
    if (message) this.#messages.delete(message.id);
  }

  delay(receipt: string, ms: number): void {
    const message = this.#byReceipt(receipt);
    if (!message) return;
    message.visibleAt = this.#scheduler.now + ms;
    this.onVisible(ms);
  }

  #byReceipt(receipt: string): Message | null {
    const [id = '', receives] = receipt.split('/');
    const message = this.#messages.get(id);
    return message && String(message.receives) === receives ? message : null;
  }
}

export class ModelQueue implements Queue {
  readonly #model: QueueModel;
  readonly #network: Network;
  readonly #actor: Actor;

  constructor(model: QueueModel, network: Network, actor: Actor) {
    this.#model = model;
    this.#network = network;
    this.#actor = actor;
  }

  send(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.#network.call(this.#actor, `queue.send ${messages.map(({ body, delaySec = 0 }) => `${body} in ${delaySec} s`).join(', ')}`, () => {
      for (const { body, delaySec = 0 } of messages) this.#model.send(body, delaySec * 1000);
    });
  }

  delay(receipt: string, seconds: number): Promise<void> {
    return this.#network.call(this.#actor, `queue.delay ${receipt} ${seconds} s`, () => this.#model.delay(receipt, seconds * 1000));
  }

  park(body: string, reason: string): Promise<void> {
    return this.#network.call(this.#actor, `queue.park ${reason}`, () => {
      this.#model.dead.push({ body, reason });
    });
  }

  receive(max: number, visibilityMs: number): Promise<IncomingMessage[]> {
    return this.#network.call(this.#actor, 'queue.receive', () => this.#model.receive(max, visibilityMs));
  }

  acknowledge(receipts: readonly string[]): Promise<void> {
    return this.#network.call(this.#actor, `queue.acknowledge ${receipts.join(' ')}`, () => {
      for (const receipt of receipts) this.#model.acknowledge(receipt);
    });
  }
}
