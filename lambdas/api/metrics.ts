/** GET /metrics (A9). */
import { metrics } from '../../lib/usecases/metrics.ts';
import { prefersPrometheus } from './accept.ts';
import { endpoint } from './endpoint.ts';
import { metricsView } from './schemas/metrics.ts';

const TEXT = 'text/plain; version=0.0.4; charset=utf-8' as const;

export const metricsEndpoint = endpoint({
  name: 'metrics',
  method: 'GET',
  path: '/metrics',
  area: 'watch',
  summary: 'Counts, lag and backlog',
  description:
    'JSON, or, on the embedded host, the text that Prometheus reads to whoever asks for `text/plain` or `application/openmetrics-text`. On AWS they are metrics of CloudWatch.',
  answers: {
    200: {
      description: 'The figures of this moment.',
      json: metricsView,
      text: {
        [TEXT]: [
          '# HELP tidemark_replication_lag_seconds Age of the oldest change that is still going to be applied, wherever it waits; 0 when none does.',
          '# TYPE tidemark_replication_lag_seconds gauge',
          'tidemark_replication_lag_seconds{route="primary-secondary"} 0.84',
          '',
        ].join('\n'),
      },
    },
  },
  async handle({ headers }, runtime) {
    const figures = await metrics(runtime);
    if (runtime.exposition && prefersPrometheus(headers.accept)) return { status: 200, type: TEXT, body: await runtime.exposition(figures) };
    return { status: 200, body: figures };
  },
});
