import { setTimeout as delay } from 'node:timers/promises';
import { withBareProxy, withGateway } from '../support/gateway.ts';
import { bareTarget, type HttpRun, runHttpLoad, type Target } from '../support/http-load.ts';
import { atLeast, type Bench, below, median, type Run, type Scale } from '../support/result.ts';
import { fixed } from '../support/rounds.ts';
import { watchingServers, withServers } from '../support/servers.ts';
import { cpuMsOf, difference, rssMibOf } from '../support/usage.ts';

interface Sizes {
  readonly bytes: number;
  readonly rounds: number;
  readonly streams: number;
  readonly streamBytes: readonly [number, number];
}

const MIB = 1024 ** 2;
const SIZES: Readonly<Record<Scale, Sizes>> = {
  small: { bytes: 256 * MIB, rounds: 1, streams: 20, streamBytes: [5 * MIB, 20 * MIB] },
  full: { bytes: 1024 * MIB, rounds: 3, streams: 50, streamBytes: [25 * MIB, 100 * MIB] },
};
const METHODS = ['PUT', 'GET'] as const;
type Method = (typeof METHODS)[number];
const BARE = 'the server itself';
const PROXY = 'a bare proxy in Node';
const GATEWAY = 'a gateway';
const ALL = [BARE, PROXY, GATEWAY] as const;
const MB = 1e6;
const LOOK_EVERY_MS = 20;

interface Measured {
  readonly run: HttpRun & Run;
  readonly gatewayCpuMs: number | null;
  readonly peakRssMib: number | null;
}

export const gatewayLarge: Bench = {
  name: 'gateway-large',
  run: async ({ scale, profile, say }) => {
    const { bytes, rounds, streams, streamBytes } = SIZES[scale];
    const one: Record<string, Measured[]> = {};
    for (let round = 1; round <= rounds; round++) {
      for (const name of ALL) {
        for (const [method, measured] of Object.entries(await putAndGet(name, { objects: 1, bytes, profile }))) {
          one[`${method} ${name}`] = [...(one[`${method} ${name}`] ?? []), measured];
          say(`  ${method} ${name}: ${(bytes / MB / measured.run.seconds).toFixed(0)} MB/s`);
        }
      }
    }
    const many: (readonly [number, Record<Method, Measured>])[] = [];
    for (const size of streamBytes) {
      const measured = await putAndGet(GATEWAY, { objects: streams, bytes: size, profile });
      many.push([size, measured]);
      say(`  ${streams} × ${size / MIB} MiB: ${METHODS.map((method) => `${method} ${fixed(measured[method].peakRssMib, 0)} MiB`).join(', ')}`);
    }

    const rateOf = (method: Method, name: string): number => median((one[`${method} ${name}`] ?? []).map(({ run }) => bytes / MB / run.seconds));
    const row = (what: string, own: readonly Measured[], total: number, ratio: string): readonly string[] => {
      const medianCpu = (values: readonly (number | null)[]): string => {
        const known = values.filter((value) => value !== null);
        return known.length === 0 ? '' : fixed(median(known), 1, 1000);
      };
      const rss = own.flatMap(({ peakRssMib }) => peakRssMib ?? []);
      return [
        what,
        median(own.map(({ run }) => total / MB / run.seconds)).toFixed(0),
        ratio,
        medianCpu(own.map(({ gatewayCpuMs }) => gatewayCpuMs)),
        medianCpu(own.map(({ run }) => run.serverCpuMs)),
        rss.length === 0 ? '' : fixed(Math.max(...rss), 0),
      ];
    };
    const ratioOf = (method: Method, name: string, to: string = BARE): number => rateOf(method, name) / rateOf(method, to);
    const growth = (method: Method): number | null => {
      const [small, large] = many.map(([, measured]) => measured[method].peakRssMib);
      return small && large ? large / small : null;
    };
    return {
      title: 'Large objects through the gateway, and at its server',
      what: `One object of ${bytes / MIB} MiB, ${rounds} interleaved rounds, medians; then ${streams} at once, of ${streamBytes.map((size) => size / MIB).join(' and of ')} MiB each, by a gateway started for each size. One client for all, in a process of its own; active region, gateway and client share the machine's two cores.`,
      columns: ['', 'MB/s', 'of the server', 'CPU s', 'server CPU s', 'peak RSS MiB'],
      rows: [
        ...METHODS.flatMap((method) =>
          ALL.map((name) =>
            row(`${method}, ${name}`, one[`${method} ${name}`] ?? [], bytes, name === BARE ? '' : `${ratioOf(method, name).toFixed(2)}x`),
          ),
        ),
        ...METHODS.flatMap((method) =>
          many.map(([size, measured]) => row(`${streams} × ${method} of ${size / MIB} MiB`, [measured[method]], streams * size, '')),
        ),
      ],
      goals: [
        ...METHODS.map((method) => atLeast(`${method}: gateway / server, as the issue asks`, ratioOf(method, GATEWAY), 0.9)),
        ...METHODS.map((method) => atLeast(`${method}: gateway / bare proxy`, ratioOf(method, GATEWAY, PROXY), 0.9)),
        ...METHODS.map((method) => below(`${streams} × ${method}: memory with bodies four times as large / memory`, growth(method), 1.15, 'x')),
      ],
      notes: [
        `The bare proxy does nothing but sign and pass on what comes: what lies between it and the server is what Node needs to take bytes from one socket and give them to another, on two cores that client, server and proxy share. A gateway also proves each PUT against the checksum that it makes on the way, holds the right to write until the last byte, and has its event durable before it answers.`,
      ],
      runs: Object.fromEntries(Object.entries(one).map(([name, own]) => [name, own.map(({ run }) => ({ ...run, latencies: [] }))])),
      figures: {},
    };
  },
};

/** On servers of their own, so that memory holds one set at a time. */
function putAndGet(
  name: string,
  { objects, bytes, profile }: { readonly objects: number; readonly bytes: number; readonly profile: boolean },
): Promise<Record<Method, Measured>> {
  return withServers(['versitygw', 'versitygw'], async (servers) => {
    const regions = await Promise.all(servers.map(async (server) => ({ server, bucket: await server.createBucket() })));
    const [active] = regions;
    if (!active) throw new Error('two servers');
    const both = async (target: Target, pid: number | null): Promise<Record<Method, Measured>> => {
      const put = await load(target, pid, 'PUT');
      return { PUT: put, GET: await load(target, pid, 'GET') };
    };
    const load = async (target: Target, pid: number | null, method: Method): Promise<Measured> => {
      const before = pid === null ? null : cpuMsOf(pid);
      const watch = watching(pid);
      const job = { target, method, objects, bytes, inFlight: objects, warms: false };
      const { value, serverCpuMs } = await watchingServers(servers, () => runHttpLoad(job));
      return {
        run: { ...value, serverCpuMs },
        gatewayCpuMs: pid === null ? null : difference(cpuMsOf(pid), before),
        peakRssMib: await watch.end(),
      };
    };
    if (name === BARE) return both(bareTarget(active.server, active.bucket), null);
    if (name === PROXY) return withBareProxy(active.server, active.bucket, ({ target, pid }) => both(target, pid));
    return withGateway(regions, { replicates: false, profile }, ({ target, pid }) => both(target, pid));
  });
}

/** The highest resident memory meanwhile, MiB. */
function watching(pid: number | null): { end(): Promise<number | null> } {
  if (pid === null) return { end: async () => null };
  let [peak, isOver] = [rssMibOf(pid), false];
  const looking = (async () => {
    while (!isOver) {
      peak = Math.max(peak ?? 0, rssMibOf(pid) ?? 0);
      await delay(LOOK_EVERY_MS);
    }
  })();
  return {
    end: async () => {
      isOver = true;
      await looking;
      return peak;
    },
  };
}
