/** The gateway of the embedded host: its failover, its regions, and what keeps both known. */
import { join } from 'node:path';
import type { GatewayRuntime } from '../../lambdas/shared/gateway-runtime.ts';
import { openGateway } from '../../lambdas/shared/open-gateway.ts';
import type { Runtime } from '../../lambdas/shared/runtime.ts';
import { tellSwitch } from '../../lambdas/shared/tell-switch.ts';
import { openSecret } from '../adapters/keys/secret.ts';
import { SystemClock } from '../adapters/system/clock.ts';
import type { GatewayConfig } from '../config/config.ts';
import { PROBE_EVERY_MS } from '../core/gateway/rules.ts';
import type { ControlStore } from '../ports/control.ts';
import type { GatewayStore } from '../ports/gateway-store.ts';
import type { Clock, SteadyClock } from '../ports/system.ts';
import { fitness } from '../usecases/gateway/fitness.ts';
import { checkOwnAddress, signOwnAddress } from '../usecases/gateway/own-address.ts';
import { probeRound } from '../usecases/gateway/probe-round.ts';
import { measureWatermark } from '../usecases/gateway/watermark.ts';
import { ingest } from '../usecases/ingest.ts';
import type { SignedRequest } from './access.ts';
import { Periodic } from './periodic.ts';

export interface LocalParts {
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

/** @throws TidemarkError INVALID_CONFIG where its key cannot be used */
export function openLocalGateway({ config, runtime, control, store, folder, maxBytes }: LocalParts): LocalGateway {
  const { route } = config;
  const { audit, log, index, admin, queue } = runtime;
  const clock = steady(runtime.clock);
  const measure = () => measureWatermark({ index, admin, clock }, route.name);
  const announce: GatewayRuntime['writes']['announce'] = async (change) => void (await ingest(runtime, [{ route, change }]));
  const isBegun = async (): Promise<boolean> => (await runtime.auditHeads?.latest()) != null;
  const unfit = fitness(() => runtime.link(route), clock);
  const gateway = openGateway({ config, control, audit, clock, isBegun, store, queue, announce, measure, unfit });
  const secret = openSecret(join(folder, 'address-signing-key'));
  const tasks: Periodic[] = [];
  return {
    ...gateway,
    signOwn: (origin, request) => signOwnAddress(secret, request, { origin, now: clock.now() }),
    ...(maxBytes ? { maxBytes } : {}),
    addresses: { check: (request) => checkOwnAddress(secret, request.key, request, clock.now()) },
    start: (name) => {
      // Found out before the first who writes has to wait for it.
      void unfit();
      const probe = new Periodic({ name: 'probe of the regions', everyMs: PROBE_EVERY_MS, fromBegin: true, clock, log }, async (signal) => {
        tellSwitch(log, await probeRound({ ...gateway.failover, observer: { name, sits: null }, signal }));
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

/** A test's clock may be moved; what is measured by leases must not run back with it. */
function steady(clock: Clock): SteadyClock {
  const own = new SystemClock();
  return { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal), monotonic: () => own.monotonic() };
}
