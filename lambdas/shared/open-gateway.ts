/** A gateway of the stores that its host has: the same on AWS and embedded. */
import { type ReadingStore, withBreaker } from '../../lib/adapters/gateway/breaker.ts';
import type { GatewayConfig } from '../../lib/config/config.ts';
import type { Watermark } from '../../lib/core/gateway/watermark.ts';
import type { AuditTrail } from '../../lib/ports/audit.ts';
import type { ControlStore } from '../../lib/ports/control.ts';
import type { GatewayStore } from '../../lib/ports/gateway-store.ts';
import type { Queue } from '../../lib/ports/queue.ts';
import type { SteadyClock } from '../../lib/ports/system.ts';
import { Authority } from '../../lib/usecases/gateway/authority.ts';
import { forAWhile } from '../../lib/usecases/gateway/for-a-while.ts';
import type { WriteDeps } from '../../lib/usecases/gateway/object-deps.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly control: ControlStore;
  readonly audit: AuditTrail;
  readonly clock: SteadyClock;
  /** See GatewayDeps. */
  readonly isBegun?: () => Promise<boolean>;
  readonly store: (region: string) => GatewayStore;
  /** Takes looks of the route. */
  readonly queue: Pick<Queue, 'send'>;
  readonly announce: WriteDeps['announce'];
  /** See AskDeps. */
  readonly measure: () => Promise<Watermark>;
  /** See WriteDeps. */
  readonly unfit?: () => Promise<string | null>;
}

/** How long a measure of what has crossed is told again, ms. */
const MEASURED_FOR_MS = 5_000;

export function openGateway({ config, control, audit, clock, isBegun, store, queue, announce, measure, unfit }: GatewayParts): GatewayRuntime {
  const { route, first, mode, leaseSec, auditWrites } = config;
  const rules = { regions: [route.from, route.to], first, mode, leaseMs: leaseSec * 1000 } as const;
  const authority = new Authority({ control, audit, clock, rules, ...(isBegun ? { isBegun } : {}) });
  const check = (region: string, signal: AbortSignal): Promise<void> => store(region).check(signal);
  const audited: WriteDeps['audited'] = async ({ op, key, region, by }) =>
    void (await audit.append({ action: op === 'PUT' ? 'object.put' : 'object.delete', actor: by, subject: key, details: { region } }));
  return {
    config,
    failover: { authority, route: route.name, check, measure, ...(unfit ? { unfit } : {}) },
    store,
    reads: { route, authority, reading: gatedOnce(store), queue, clock },
    writes: { route, authority, writing: store, announce, ...(unfit ? { unfit } : {}), ...(auditWrites ? { audited } : {}), clock },
    behindMs: behindOf(authority, clock, forAWhile(clock, MEASURED_FOR_MS, measure)),
  };
}

function behindOf(authority: Authority, clock: SteadyClock, measured: () => Promise<Watermark | null>): GatewayRuntime['behindMs'] {
  // The newest epoch whose active region has all that the other one took before.
  let caughtUp = 1;
  return async (region) => {
    const record = authority.known()?.record;
    const isActive = record?.active === region;
    if (isActive && record.epoch <= caughtUp) return 0;
    const watermark = await measured();
    if (!watermark || watermark.through === null) return null;
    const { at, through, open } = watermark;
    if (isActive) {
      // Writes of the epoch before were taken until their leases had ended.
      const until = record.switches[0].at + record.leaseMs;
      const isThrough = open === 0 || through >= until;
      if (isThrough && at >= until) caughtUp = record.epoch;
      if (isThrough) return 0;
    }
    return Math.max(0, clock.now() - through);
  };
}

function gatedOnce(store: (region: string) => GatewayStore): (region: string) => ReadingStore {
  const gated = new Map<string, ReadingStore>();
  return (region) => {
    const known = gated.get(region) ?? withBreaker(region, store(region));
    gated.set(region, known);
    return known;
  };
}
