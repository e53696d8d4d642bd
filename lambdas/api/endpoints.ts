import { adminStateEndpoint } from '../gateway/admin-state.ts';
import { deleteObjectEndpoint } from '../gateway/delete-object.ts';
import { failbackEndpoint } from '../gateway/failback.ts';
import { getObjectEndpoint } from '../gateway/get-object.ts';
import { listObjectsEndpoint } from '../gateway/list-objects.ts';
import { postObjectEndpoint } from '../gateway/post-object.ts';
import { promoteEndpoint } from '../gateway/promote.ts';
import { putObjectEndpoint } from '../gateway/put-object.ts';
import { replicationOfEndpoint } from '../gateway/replication-of.ts';
import { signEndpoint } from '../gateway/sign.ts';
import { backfillKeysEndpoint } from './backfill-keys.ts';
import { cancelBackfillEndpoint } from './cancel-backfill.ts';
import { cancelVerifyEndpoint } from './cancel-verify.ts';
import { dismissConflictEndpoint } from './dismiss-conflict.ts';
import type { Endpoint } from './endpoint.ts';
import { getAuditHeadEndpoint } from './get-audit-head.ts';
import { getBackfillEndpoint } from './get-backfill.ts';
import { getEventEndpoint } from './get-event.ts';
import { getReportEndpoint } from './get-report.ts';
import { getVerifyEndpoint } from './get-verify.ts';
import { healthzEndpoint } from './healthz.ts';
import { ingestEventsEndpoint } from './ingest-events.ts';
import { listAuditEndpoint } from './list-audit.ts';
import { listAuditHeadsEndpoint } from './list-audit-heads.ts';
import { listBackfillsEndpoint } from './list-backfills.ts';
import { listConflictsEndpoint } from './list-conflicts.ts';
import { listDifferencesEndpoint } from './list-differences.ts';
import { listEventsEndpoint } from './list-events.ts';
import { listRoutesEndpoint } from './list-routes.ts';
import { listVerifiesEndpoint } from './list-verifies.ts';
import { metricsEndpoint } from './metrics.ts';
import { docsPageEndpoint } from './openapi/docs-page.ts';
import { openApiOf } from './openapi/document.ts';
import type { OpenApi } from './openapi/openapi.ts';
import { openApiEndpoint } from './openapi/openapi-json.ts';
import { pauseRouteEndpoint } from './pause-route.ts';
import { replayRunEndpoint } from './replay-run.ts';
import { requeueEventsEndpoint } from './requeue-events.ts';
import { restoreConflictEndpoint } from './restore-conflict.ts';
import { resumeBackfillEndpoint } from './resume-backfill.ts';
import { resumeRouteEndpoint } from './resume-route.ts';
import { s3WebhookEndpoint } from './s3-webhook.ts';
import { startBackfillEndpoint } from './start-backfill.ts';
import { startRepairEndpoint } from './start-repair.ts';
import { startVerifyEndpoint } from './start-verify.ts';
import { verifyKeyEndpoint } from './verify-key.ts';

/** Made when someone asks for it: a function's start does not pay for it. */
let document: OpenApi | undefined;
const documented = (): OpenApi => {
  document ??= openApiOf(ENDPOINTS);
  return document;
};

/** In the order of the documentation, within each chapter. */
const OBJECTS: readonly Endpoint[] = [
  putObjectEndpoint,
  getObjectEndpoint,
  deleteObjectEndpoint,
  postObjectEndpoint,
  listObjectsEndpoint,
  replicationOfEndpoint,
  signEndpoint,
  adminStateEndpoint,
  promoteEndpoint,
  failbackEndpoint,
];

const AUDIT: readonly Endpoint[] = [listAuditEndpoint, getAuditHeadEndpoint, listAuditHeadsEndpoint];

/** What the gateway answers where it runs alone. */
export const GATEWAY_ENDPOINTS: readonly Endpoint[] = [
  ...OBJECTS,
  ...AUDIT,
  verifyKeyEndpoint,
  healthzEndpoint,
  openApiEndpoint(documented),
  docsPageEndpoint(documented),
];

export const ENDPOINTS: readonly Endpoint[] = [
  ...OBJECTS,
  ingestEventsEndpoint,
  s3WebhookEndpoint,
  listEventsEndpoint,
  getEventEndpoint,
  requeueEventsEndpoint,
  replayRunEndpoint,
  startBackfillEndpoint,
  listBackfillsEndpoint,
  getBackfillEndpoint,
  cancelBackfillEndpoint,
  resumeBackfillEndpoint,
  backfillKeysEndpoint,
  listRoutesEndpoint,
  pauseRouteEndpoint,
  resumeRouteEndpoint,
  startVerifyEndpoint,
  startRepairEndpoint,
  listVerifiesEndpoint,
  verifyKeyEndpoint,
  getVerifyEndpoint,
  listDifferencesEndpoint,
  getReportEndpoint,
  cancelVerifyEndpoint,
  healthzEndpoint,
  listConflictsEndpoint,
  dismissConflictEndpoint,
  restoreConflictEndpoint,
  ...AUDIT,
  metricsEndpoint,
  openApiEndpoint(documented),
  docsPageEndpoint(documented),
];
