/** The control record and the audit trail as the real use-cases see them, over the network. */
import type { ControlRecord } from '../../../lib/core/gateway/control.ts';
import type { ObserverState } from '../../../lib/core/gateway/observer.ts';
import type { Watermark } from '../../../lib/core/gateway/watermark.ts';
import type { AuditEvent, AuditTrail } from '../../../lib/ports/audit.ts';
import type { ControlStore } from '../../../lib/ports/control.ts';
import type { GatewayNetwork } from './network.ts';
import type { Process } from './process.ts';

/** What everybody shares. */
export class Shared {
  record: ControlRecord | null = null;
  readonly observers = new Map<string, ObserverState>();
  readonly watermarks = new Map<string, Watermark>();
  readonly audit: AuditEvent[] = [];
  /** Told that a process asks for a write of the record. @returns what is told when that lands, however late, before it counts */
  onSwapping: (next: ControlRecord, process: Process) => (before: ControlRecord | null) => void = () => () => undefined;
  /** Told of each answer that shows a process the record. */
  onShown: (record: ControlRecord, process: Process, askedAt: number) => void = () => undefined;
  /** Told that an observer is about to write what it counted. @returns what is told of it when that is written, however late */
  onCounting: (next: ObserverState, process: Process) => () => void = () => () => undefined;
}

export class ModelControl implements ControlStore {
  readonly #shared: Shared;
  readonly #network: GatewayNetwork;
  readonly #process: Process;

  constructor(shared: Shared, network: GatewayNetwork, process: Process) {
    this.#shared = shared;
    this.#network = network;
    this.#process = process;
  }

  async read(): Promise<ControlRecord | null> {
    const askedAt = this.#network.scheduler.now;
    const record = await this.#call('control.read', () => this.#shared.record);
    if (record) this.#shared.onShown(record, this.#process, askedAt);
    return record;
  }

  async swap(next: ControlRecord, expected: number): Promise<boolean> {
    const askedAt = this.#network.scheduler.now;
    const swapped = this.#shared.onSwapping(next, this.#process);
    const isDone = await this.#call(`control.swap ${JSON.stringify(next)} on ${expected}`, () => {
      if ((this.#shared.record?.version ?? 0) !== expected) return false;
      swapped(this.#shared.record);
      this.#shared.record = next;
      return true;
    });
    if (isDone) this.#shared.onShown(next, this.#process, askedAt);
    return isDone;
  }

  observer(name: string): Promise<ObserverState | null> {
    return this.#call('control.observer', () => this.#shared.observers.get(name) ?? null);
  }

  observers(): Promise<readonly ObserverState[]> {
    return this.#call('control.observers', () => [...this.#shared.observers.values()]);
  }

  putObserver(next: ObserverState, expected: number): Promise<boolean> {
    const counted = this.#shared.onCounting(next, this.#process);
    return this.#call('control.putObserver', () => {
      if ((this.#shared.observers.get(next.observer)?.version ?? 0) !== expected) return false;
      this.#shared.observers.set(next.observer, next);
      counted();
      return true;
    });
  }

  watermarks(): Promise<readonly Watermark[]> {
    return this.#call('control.watermarks', () => [...this.#shared.watermarks.values()]);
  }

  putWatermark(watermark: Watermark): Promise<void> {
    return this.#call('control.putWatermark', () => {
      this.#shared.watermarks.set(watermark.route, watermark);
    });
  }

  #call<T>(what: string, effect: () => T): Promise<T> {
    return this.#network.call(this.#process, 'control', what, effect);
  }
}

export class ModelAudit implements AuditTrail {
  readonly #shared: Shared;
  readonly #network: GatewayNetwork;
  readonly #process: Process;

  constructor(shared: Shared, network: GatewayNetwork, process: Process) {
    this.#shared = shared;
    this.#network = network;
    this.#process = process;
  }

  append(event: AuditEvent): Promise<{ sequence: number; hash: string }> {
    return this.#network.call(this.#process, 'audit', `audit.append ${JSON.stringify(event)}`, () => {
      const sequence = this.#shared.audit.push(event);
      return { sequence, hash: String(sequence) };
    });
  }

  async note(event: AuditEvent): Promise<void> {
    await this.append(event).catch(() => undefined);
  }
}
