import { backfillKeysEndpoint } from './backfill-keys.ts';
import { cancelBackfillEndpoint } from './cancel-backfill.ts';
import { dismissConflictEndpoint } from './dismiss-conflict.ts';
import type { Endpoint } from './endpoint.ts';
import { getBackfillEndpoint } from './get-backfill.ts';
import { getEventEndpoint } from './get-event.ts';
import { healthzEndpoint } from './healthz.ts';
import { ingestEventsEndpoint } from './ingest-events.ts';
import { listBackfillsEndpoint } from './list-backfills.ts';
import { listConflictsEndpoint } from './list-conflicts.ts';
import { listEventsEndpoint } from './list-events.ts';
import { metricsEndpoint } from './metrics.ts';
import { replayRunEndpoint } from './replay-run.ts';
import { requeueEventsEndpoint } from './requeue-events.ts';
import { restoreConflictEndpoint } from './restore-conflict.ts';
import { resumeBackfillEndpoint } from './resume-backfill.ts';
import { resumeDeletesEndpoint } from './resume-deletes.ts';
import { s3WebhookEndpoint } from './s3-webhook.ts';
import { startBackfillEndpoint } from './start-backfill.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  ingestEventsEndpoint,
  s3WebhookEndpoint,
  replayRunEndpoint,
  requeueEventsEndpoint,
  backfillKeysEndpoint,
  startBackfillEndpoint,
  listBackfillsEndpoint,
  getBackfillEndpoint,
  cancelBackfillEndpoint,
  resumeBackfillEndpoint,
  listEventsEndpoint,
  getEventEndpoint,
  metricsEndpoint,
  healthzEndpoint,
  resumeDeletesEndpoint,
  listConflictsEndpoint,
  dismissConflictEndpoint,
  restoreConflictEndpoint,
];
