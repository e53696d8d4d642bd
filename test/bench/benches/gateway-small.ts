import { withBareProxy, withGateway } from '../support/gateway.ts';
import { bareTarget, type HttpRun, runHttpLoad, type Target } from '../support/http-load.ts';
import { percentile } from '../support/percentile.ts';
import { type Bench, median, type Run, type Scale } from '../support/result.ts';
import { fixed, whole } from '../support/rounds.ts';
import { connected, watchingServers, withServers } from '../support/servers.ts';
import { fill, OBJECT_BYTES, requireAll } from '../support/small-objects.ts';
import { cpuMsOf, difference } from '../support/usage.ts';

const SIZES: Readonly<Record<Scale, { readonly objects: number; readonly rounds: number; readonly pacedSeconds: number }>> = {
  small: { objects: 2_000, rounds: 1, pacedSeconds: 4 },
  full: { objects: 20_000, rounds: 3, pacedSeconds: 20 },
};
const IN_FLIGHT = 32;
/** Of what the slowest reaches: what waits in a queue then is the work itself. */
const PACE = 0.5;
const METHODS = ['GET', 'PUT'] as const;
type Method = (typeof METHODS)[number];

const BARE = 'the server itself';
const PROXY = 'a bare proxy in Node';
const GATEWAY = 'a gateway alone';
const WHOLE = 'gateway and replication in one process';
const ALL = [BARE, PROXY, GATEWAY, WHOLE] as const;
const PACED: readonly string[] = [BARE, GATEWAY];

interface Measured {
  readonly run: HttpRun & Run;
  readonly gatewayCpuMs: number | null;
}

export const gatewaySmall: Bench = {
  name: 'gateway-small',
  run: ({ scale, profile, say }) =>
    withServers(['versitygw', 'versitygw'], async (servers) => {
      const { objects, rounds, pacedSeconds } = SIZES[scale];
      const peak: Record<string, Measured[]> = {};
      const note = (name: string, method: Method, measured: Measured): void => {
        peak[`${method} ${name}`] = [...(peak[`${method} ${name}`] ?? []), measured];
        say(`  ${method} ${name}: ${whole(objects / measured.run.seconds)}/s`);
      };
      /** On fresh buckets, so that nobody finds what another wrote. */
      const withTarget = async (name: string, use: (target: Target, pid: number | null) => Promise<void>): Promise<void> => {
        const regions = await Promise.all(servers.map(async (server) => ({ server, bucket: await server.createBucket() })));
        const [active] = regions;
        if (!active) throw new Error('two servers');
        // What replicates would have these to carry over first.
        if (name !== WHOLE) await connected(active.server, (region) => fill(region.bucket(active.bucket), objects));
        if (name === BARE) await use(bareTarget(active.server, active.bucket), null);
        else if (name === PROXY) await withBareProxy(active.server, active.bucket, ({ target, pid }) => use(target, pid));
        else await withGateway(regions, { replicates: name === WHOLE, profile }, ({ target, pid }) => use(target, pid));
        await connected(active.server, (region) => requireAll(region.bucket(active.bucket), objects, name));
      };
      const load = async (target: Target, pid: number | null, method: Method, perSecond?: number): Promise<Measured> => {
        const before = pid === null ? null : cpuMsOf(pid);
        const count = perSecond === undefined ? objects : Math.min(objects, Math.round(perSecond * pacedSeconds));
        const job = { target, method, objects: count, bytes: OBJECT_BYTES, inFlight: IN_FLIGHT, ...(perSecond === undefined ? {} : { perSecond }) };
        const { value, serverCpuMs } = await watchingServers(servers, () => runHttpLoad(job));
        return { run: { ...value, serverCpuMs }, gatewayCpuMs: pid === null ? null : difference(cpuMsOf(pid), before) };
      };

      for (let round = 1; round <= rounds; round++) {
        for (const name of ALL) {
          await withTarget(name, async (target, pid) => {
            for (const method of methodsOf(name)) note(name, method, await load(target, pid, method));
          });
        }
      }
      const rateOf = (method: Method, name: string): number => median((peak[`${method} ${name}`] ?? []).map(({ run }) => objects / run.seconds));
      const paces = Object.fromEntries(METHODS.map((method) => [method, PACE * rateOf(method, GATEWAY)])) as Record<Method, number>;
      const paced: Record<string, readonly number[]> = {};
      for (const name of PACED) {
        await withTarget(name, async (target, pid) => {
          for (const method of METHODS) paced[`${method} ${name}`] = (await load(target, pid, method, paces[method])).run.latencies;
        });
      }

      const p = (method: Method, name: string, share: number): number => percentile(paced[`${method} ${name}`] ?? [], share);
      const latency = (method: Method, name: string, share: number): string => (PACED.includes(name) ? p(method, name, share).toFixed(1) : '');
      return {
        title: 'Small objects through the gateway, and at its server',
        what: `${whole(objects)} objects of 4 KiB, ${IN_FLIGHT} requests in flight, ${rounds} interleaved rounds, medians; one client for all, in a process of its own; the bare server is asked with requests that were signed beforehand. Latencies: at ${METHODS.map((method) => `${whole(paces[method])} ${method}/s`).join(' and ')}, half of what the gateway reaches, in an open loop; each counts from when its request was due to its last byte; the first two seconds are left out.`,
        columns: ['', 'requests/s', 'of the server', 'CPU ms/request', 'server CPU ms/request', 'p50 ms', 'p99 ms', 'p99 added'],
        rows: METHODS.flatMap((method) =>
          ALL.filter((name) => methodsOf(name).includes(method)).map((name) => {
            const own = peak[`${method} ${name}`] ?? [];
            const cpu = own.flatMap(({ gatewayCpuMs }) => gatewayCpuMs ?? []);
            return [
              `${method}, ${name}`,
              whole(rateOf(method, name)),
              name === BARE ? '' : `${(rateOf(method, name) / rateOf(method, BARE)).toFixed(2)}x`,
              cpu.length === 0 ? '' : fixed(median(cpu), 3, objects),
              fixed(median(own.flatMap(({ run }) => run.serverCpuMs ?? [])), 3, objects),
              latency(method, name, 0.5),
              latency(method, name, 0.99),
              name === GATEWAY ? `${(p(method, GATEWAY, 0.99) - p(method, BARE, 0.99)).toFixed(1)} ms` : '',
            ];
          }),
        ),
        goals: [],
        notes: [
          `A gateway does one thing at a time on one core: more of them beside each other share the control record. With a PUT goes the event that carries it to the other region, durable before the answer; the last line carries each object over meanwhile (HEADs, a copy, its proof), on the same two cores as the client and both servers.`,
        ],
        runs: Object.fromEntries(Object.entries(peak).map(([name, own]) => [name, own.map(({ run }) => ({ ...run, latencies: [] }))])),
        figures: { getsPerSecond: rateOf('GET', GATEWAY), putsPerSecond: rateOf('PUT', GATEWAY) },
      };
    }),
};

/** One that replicates begins with nothing, so that the work of others is not measured with it. */
function methodsOf(name: string): readonly Method[] {
  return name === WHOLE ? ['PUT'] : METHODS;
}
