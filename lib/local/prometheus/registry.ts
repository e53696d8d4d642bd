/** What the embedded host tells Prometheus: what it counted since its start, and the figures of the moment. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Measure, Meter } from '../../ports/meter.ts';
import type { Metrics } from '../../usecases/metrics.ts';
import { FINISHED, GAUGES } from './gauges.ts';

/** Seconds: from what feels immediate to what an hour's outage leaves behind. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900, 3600];

export class PrometheusRegistry implements Meter {
  readonly #registry = new Registry();
  readonly #gauges: ReadonlyMap<string, Gauge>;
  readonly #finished: Counter;
  readonly #duration: Histogram<'route'>;
  readonly #objects: Counter<'route'>;
  readonly #bytes: Counter<'route'>;
  readonly #errors: Counter<'route'>;
  readonly #attempts: Counter<'route' | 'code'>;
  readonly #requests: Counter<'method' | 'status' | 'served_by'>;
  readonly #fallbacks: Counter<'code'>;
  readonly #repairs: Counter;

  /** @param routes those that are counted from 0 on, so that a first change is an increase */
  constructor(routes: readonly string[]) {
    const registers = [this.#registry];
    const route = { labelNames: ['route'] as const, registers };
    this.#gauges = new Map(GAUGES.map(({ name, help, labelNames }) => [name, new Gauge({ name, help, labelNames: [...labelNames], registers })]));
    this.#finished = new Counter({ name: FINISHED.name, help: FINISHED.help, labelNames: [...FINISHED.labelNames], registers });
    this.#duration = new Histogram({
      name: 'tidemark_replication_duration_seconds',
      help: 'From the moment a change happened, as its sender said, until it was applied.',
      buckets: BUCKETS,
      ...route,
    });
    this.#objects = new Counter({ name: 'tidemark_replicated_objects_total', help: 'Objects written at destinations.', ...route });
    this.#bytes = new Counter({ name: 'tidemark_replicated_bytes_total', help: 'Bytes of the objects written at destinations.', ...route });
    this.#errors = new Counter({ name: 'tidemark_failed_deliveries_total', help: 'Deliveries that ended as errors.', ...route });
    this.#attempts = new Counter({
      name: 'tidemark_failed_attempts_total',
      help: 'Looks that failed, whether or not they are tried again, by the code of the failure.',
      labelNames: ['route', 'code'],
      registers,
    });
    this.#requests = new Counter({
      name: 'tidemark_gateway_requests_total',
      help: 'Requests for objects, by what was answered, and which region served it: the active one or the replica.',
      labelNames: ['method', 'status', 'served_by'],
      registers,
    });
    this.#fallbacks = new Counter({
      name: 'tidemark_gateway_fallbacks_total',
      help: 'Reads that the region which was asked first did not serve, by why.',
      labelNames: ['code'],
      registers,
    });
    this.#repairs = new Counter({ name: 'tidemark_gateway_repairs_total', help: 'Keys that a reader had looked at again.', registers });
    for (const name of routes) {
      this.#duration.zero({ route: name });
      for (const counter of [this.#objects, this.#bytes, this.#errors]) counter.inc({ route: name }, 0);
    }
    addProcess(this.#registry);
  }

  look({ route, errors, code, objects, bytes, durationsMs }: Measure): void {
    this.#objects.inc({ route }, objects);
    this.#bytes.inc({ route }, bytes);
    this.#errors.inc({ route }, errors);
    if (code) this.#attempts.inc({ route, code });
    for (const ms of durationsMs) this.#duration.observe({ route }, ms / 1000);
  }

  /** Counts a request for an object by what its answer says of itself. */
  answered(method: string, status: number, headers: Readonly<Record<string, string>>): void {
    this.#requests.inc({ method, status: String(status), served_by: headers['x-tidemark-served-by'] ?? '' });
    const code = headers['x-tidemark-fallback'];
    if (code !== undefined) this.#fallbacks.inc({ code });
    if (headers['x-tidemark-repair'] !== undefined) this.#repairs.inc();
  }

  /** In the text format, version 0.0.4. */
  text(figures: Metrics): Promise<string> {
    for (const { name, samples } of GAUGES) {
      const gauge = this.#gauges.get(name);
      gauge?.reset();
      for (const { labels, value } of samples(figures)) gauge?.set(labels, value);
    }
    this.#finished.reset();
    for (const { labels, value } of FINISHED.samples(figures)) this.#finished.inc(labels, value);
    return this.#registry.metrics();
  }
}

/** Under the names that every process has. */
function addProcess(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time that the process has used.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({ name: 'process_start_time_seconds', help: 'When the process started, since the epoch.', registers }).set(performance.timeOrigin / 1000);
}
