/** The gateway of the embedded host: its failover, its regions, and what keeps both known. */
import { join } from 'node:path';
import type { GatewayRuntime } from '../../lambdas/shared/gateway-runtime.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { type ReadingStore, withBreaker } from '../adapters/gateway/breaker.ts';
import { openSecret } from '../adapters/keys/secret.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import type { GatewayConfig } from '../config/config.ts';
import { PROBE_EVERY_MS } from '../core/gateway/rules.ts';
import type { ControlStore } from '../ports/control.ts';
import type { GatewayStore } from '../ports/gateway-store.ts';
import type { Clock, SteadyClock } from '../ports/system.ts';
import { Authority } from '../usecases/gateway/authority.ts';
import { checkOwnAddress, signOwnAddress } from '../usecases/gateway/own-address.ts';
import { probeRound } from '../usecases/gateway/probe-round.ts';
import { measureWatermark } from '../usecases/gateway/watermark.ts';
import { ingest } from '../usecases/ingest.ts';
import type { SignedRequest } from './access.ts';
import { Periodic } from './periodic.ts';

export interface GatewayParts {
  readonly config: GatewayConfig;
  readonly runtime: Omit<Runtime, 'gateway'>;
  readonly control: ControlStore;
  readonly store: (region: string) => GatewayStore;
  /** Where the key of its own addresses lies. */
  readonly folder: string;
  /** Undefined: any size passes. */
  readonly maxBytes?: GatewayRuntime['maxBytes'] | undefined;
}

export interface LocalGateway extends GatewayRuntime {
  readonly addresses: { check(request: SignedRequest): string | null };
  /** @param observer unique among the processes that share the control record */
  start(observer: string): void;
  stop(): Promise<void>;
}

/** How long a measure of what has crossed is told again, ms. */
const MEASURED_FOR_MS = 5_000;

/** @throws TidemarkError INVALID_CONFIG where its key cannot be used */
export function openGateway({ config, runtime, control, store, folder, maxBytes }: GatewayParts): LocalGateway {
  const { route, first, mode, leaseSec } = config;
  const { audit, log, index, admin } = runtime;
  const clock = steady(runtime.clock);
  const rules = { regions: [route.from, route.to], first, mode, leaseMs: leaseSec * 1000 } as const;
  const authority = new Authority({ control, audit, clock, rules });
  const check = (region: string, signal: AbortSignal): Promise<void> => store(region).check(signal);
  const measure = () => measureWatermark({ index, admin, clock }, route.name);
  const failover = { control, audit, clock, rules, authority, route: route.name, check, measure };
  const secret = openSecret(join(folder, 'address-signing-key'));
  const gated = gatedOnce(store);
  const tasks: Periodic[] = [];
  return {
    config,
    failover,
    store,
    reads: { route, authority, reading: gated, queue: runtime.queue, clock },
    writes: {
      route,
      authority,
      writing: store,
      announce: async (change) => void (await ingest(runtime, [{ route, change }])),
      ...(config.auditWrites
        ? {
            audited: async ({ op, key, region, by }) =>
              void (await audit.append({ action: op === 'PUT' ? 'object.put' : 'object.delete', actor: by, subject: key, details: { region } })),
          }
        : {}),
      clock,
    },
    behindMs: forAWhile(clock, async () => {
      const { at, through } = await measure();
      return through === null ? null : at - through;
    }),
    signOwn: (origin, request) => signOwnAddress(secret, request, { origin, now: clock.now() }),
    ...(maxBytes ? { maxBytes } : {}),
    addresses: { check: (request) => checkOwnAddress(secret, request.key, request, clock.now()) },
    start: (name) => {
      const probe = new Periodic({ name: 'probe of the regions', everyMs: PROBE_EVERY_MS, clock, log }, async (signal) => {
        const { decision, switchedTo, record } = await probeRound({ ...failover, observer: { name, sits: null }, signal });
        if (switchedTo !== null) log.error('the active region failed; another one is active', { active: record.active, epoch: switchedTo });
        else if (decision?.act === 'switch') log.warn('another process switched first', { active: record.active, epoch: record.epoch });
      });
      const publish = new Periodic({ name: 'replicated-through watermark', everyMs: PROBE_EVERY_MS, clock, log }, async () =>
        control.putWatermark(await measure()),
      );
      for (const task of [probe, publish]) {
        tasks.push(task);
        task.start();
      }
    },
    stop: async () => {
      await Promise.all(tasks.splice(0).map((task) => task.stop()));
    },
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

/** A test's clock may be moved; what is measured by leases must not run back with it. */
function steady(clock: Clock): SteadyClock {
  const own = new SystemClock();
  return { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal), monotonic: () => own.monotonic() };
}

/** What nobody can tell is told as null, and asked again as soon as anything else. */
function forAWhile(clock: Clock, ask: () => Promise<number | null>): () => Promise<number | null> {
  let known: { readonly at: number; readonly answer: Promise<number | null> } | null = null;
  return () => {
    if (!known || clock.now() - known.at > MEASURED_FOR_MS) known = { at: clock.now(), answer: ask().catch(() => null) };
    return known.answer;
  };
}
