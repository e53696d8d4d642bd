import type { AuditTrail } from '../../ports/audit.ts';
import type { ControlStore } from '../../ports/control.ts';
import type { GatewayDeps } from './deps.ts';
import { within } from './within.ts';

/** Of one request to the control store or the audit trail, ms. */
const STORE_LIMIT_MS = 5_000;

/**
 * The same, but nobody waits for a store that hangs: a switch would be late by as long. What is given up may have been carried out, as with
 * any answer that is lost.
 */
export function limited({ control, audit, clock, ...rest }: GatewayDeps): GatewayDeps {
  const ask = <T>(what: string, work: () => Promise<T>): Promise<T> => within(clock, STORE_LIMIT_MS, what, work);
  const limitedControl: ControlStore = {
    read: () => ask('control record', () => control.read()),
    swap: (next, expected) => ask('control record', () => control.swap(next, expected)),
    observer: (name) => ask('counters of an observer', () => control.observer(name)),
    observers: () => ask('counters of the observers', () => control.observers()),
    putObserver: (next, expected) => ask('counters of an observer', () => control.putObserver(next, expected)),
    watermarks: () => ask('watermarks', () => control.watermarks()),
    putWatermark: (watermark) => ask('watermarks', () => control.putWatermark(watermark)),
  };
  const limitedAudit: AuditTrail = {
    append: (event) => ask('audit trail', () => audit.append(event)),
    note: (event) => ask('audit trail', () => audit.note(event)).catch(() => undefined),
  };
  return { ...rest, control: limitedControl, audit: limitedAudit, clock };
}
