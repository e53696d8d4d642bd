/** The figures of the moment under Prometheus's names: seconds, bytes, few labels, never a key. */
import { DIFFERENCE_KINDS } from '../../core/verify/difference.ts';
import type { LastVerified, Scheduled } from '../../usecases/comparisons.ts';
import type { GatewayFigures } from '../../usecases/gateway/figures.ts';
import type { Metrics, RouteMetrics } from '../../usecases/metrics.ts';

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  samples(figures: Metrics): readonly Sample[];
}

const perRoute = (name: string, help: string, value: (route: RouteMetrics) => number | undefined): Figure => ({
  name,
  help,
  labelNames: ['route'],
  samples: ({ routes }) =>
    Object.entries(routes).flatMap(([route, figures]): Sample[] => {
      const found = value(figures);
      return found === undefined ? [] : [{ labels: { route }, value: found }];
    }),
});

const byLabel = (name: string, help: string, label: string, values: (figures: Metrics) => Readonly<Record<string, number>>): Figure => ({
  name,
  help,
  labelNames: [label],
  samples: (figures) => Object.entries(values(figures)).map(([key, value]) => ({ labels: { [label]: key }, value })),
});

const plain = (name: string, help: string, value: (figures: Metrics) => number): Figure => ({
  name,
  help,
  labelNames: [],
  samples: (figures) => [{ labels: {}, value: value(figures) }],
});

const seconds = (ms: number): number => ms / 1000;

const perVerified = (
  name: string,
  help: string,
  samples: (route: string, verified: LastVerified) => readonly Sample[],
  more: readonly string[] = [],
): Figure => ({
  name,
  help,
  labelNames: ['route', ...more],
  samples: ({ verify }) => Object.entries(verify).flatMap(([route, verified]) => samples(route, verified)),
});

const perScheduled = (name: string, help: string, value: (scheduled: Scheduled) => number): Figure => ({
  name,
  help,
  labelNames: ['route', 'kind'],
  samples: ({ scheduled }) =>
    Object.entries(scheduled).flatMap(([route, kinds]) =>
      Object.entries(kinds).map(([kind, each]): Sample => ({ labels: { route, kind }, value: value(each) })),
    ),
});

const ofGateway = (name: string, help: string, labelNames: readonly string[], samples: (gateway: GatewayFigures) => readonly Sample[]): Figure => ({
  name,
  help,
  labelNames,
  samples: ({ gateway }) => (gateway ? samples(gateway) : []),
});

const GATEWAY: readonly Figure[] = [
  ofGateway('tidemark_gateway_active', '1 for the region that the gateway writes, 0 for the other one.', ['region'], ({ active, failures }) =>
    Object.keys(failures).map((region) => ({ labels: { region }, value: Number(region === active) })),
  ),
  ofGateway('tidemark_gateway_epoch', 'Grows by one with each switch.', [], ({ epoch }) => [{ labels: {}, value: epoch }]),
  ofGateway(
    'tidemark_gateway_writes_open',
    '1 while writes are taken; 0 during a switch, and while the control record cannot be read.',
    [],
    ({ writes }) => [{ labels: {}, value: Number(writes === 'open') }],
  ),
  ofGateway(
    'tidemark_gateway_probe_failures',
    'Probes of the region that failed in a row; three of the active one switch in auto mode.',
    ['region'],
    ({ failures }) => Object.entries(failures).map(([region, value]) => ({ labels: { region }, value })),
  ),
];

export const GAUGES: readonly Figure[] = [
  ...GATEWAY,
  perRoute(
    'tidemark_replication_lag_seconds',
    'Age of the oldest change that is still going to be applied, wherever it waits; 0 when none does.',
    ({ lagMs }) => seconds(lagMs),
  ),
  perRoute(
    'tidemark_oldest_error_age_seconds',
    'Age of the oldest change that ended as an error and waits for a person; 0 when none does.',
    ({ oldestErrorAgeMs }) => seconds(oldestErrorAgeMs),
  ),
  byLabel('tidemark_deliveries', 'Deliveries by what they are now.', 'status', ({ counts: { pending, in_progress, error } }) => ({
    pending,
    in_progress,
    error,
  })),
  plain('tidemark_backlog_objects', 'Changes that wait.', ({ backlog }) => backlog.objects),
  plain('tidemark_backlog_bytes', 'What the changes that wait say of their sizes.', ({ backlog }) => backlog.bytes),
  byLabel('tidemark_queue_messages', 'Messages in the queue; dead are those in the dead-letter queue.', 'state', ({ queue }) => ({
    waiting: queue.waiting,
    delayed: queue.delayed,
    in_flight: queue.inFlight,
    dead: queue.dead,
  })),
  perRoute('tidemark_known_objects', 'Objects that the records say are applied.', ({ objects }) => objects),
  perRoute('tidemark_route_paused', '1 while a person has paused the route: what it holds back is lag.', ({ paused }) => Number(paused)),
  perRoute('tidemark_deletes_paused', '1 while the deletes of the route are paused until a person resumes them.', ({ deletesPaused }) =>
    Number(deletesPaused),
  ),
  perRoute(
    'tidemark_conflicts',
    'What lost where both sides of a bidirectional route had changed, and nobody dismissed.',
    ({ conflicts }) => conflicts,
  ),
  perRoute(
    'tidemark_canary_delay_seconds',
    'How long the newest canary object took, or the oldest that has not arrived has taken so far.',
    ({ canaryDelayMs }) => (canaryDelayMs === undefined ? undefined : seconds(canaryDelayMs)),
  ),
  perVerified(
    'tidemark_verify_differences',
    'What the last comparison of all keys of the route found.',
    (route, { counts }) => DIFFERENCE_KINDS.map((kind) => ({ labels: { route, kind }, value: counts[kind] })),
    ['kind'],
  ),
  perVerified(
    'tidemark_verify_begun_timestamp_seconds',
    'When the last comparison of all keys of the route was begun, since the epoch.',
    (route, { at }) => [{ labels: { route }, value: seconds(at) }],
  ),
  perScheduled(
    'tidemark_comparison_age_seconds',
    'Since the last scheduled comparison that ended well was begun; where none did since then, since it is expected.',
    ({ ageMs }) => seconds(ageMs),
  ),
  perScheduled('tidemark_comparison_interval_seconds', 'From one start of a scheduled comparison to the next.', ({ everyMs }) => seconds(everyMs)),
];

/** For ever, kept with the records: a restart does not begin them anew. */
export const FINISHED: Figure = byLabel(
  'tidemark_deliveries_finished_total',
  'Deliveries that ended, since the database was made.',
  'status',
  ({ counts: { done, superseded } }) => ({ done, superseded }),
);
