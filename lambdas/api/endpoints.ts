import { backfillKeysEndpoint } from './backfill-keys.ts';
import type { Endpoint } from './endpoint.ts';
import { getEventEndpoint } from './get-event.ts';
import { healthzEndpoint } from './healthz.ts';
import { ingestEventsEndpoint } from './ingest-events.ts';
import { listEventsEndpoint } from './list-events.ts';
import { metricsEndpoint } from './metrics.ts';
import { replayRunEndpoint } from './replay-run.ts';
import { requeueEventsEndpoint } from './requeue-events.ts';
import { resumeDeletesEndpoint } from './resume-deletes.ts';
import { s3WebhookEndpoint } from './s3-webhook.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  ingestEventsEndpoint,
  s3WebhookEndpoint,
  replayRunEndpoint,
  requeueEventsEndpoint,
  backfillKeysEndpoint,
  listEventsEndpoint,
  getEventEndpoint,
  metricsEndpoint,
  healthzEndpoint,
  resumeDeletesEndpoint,
];
