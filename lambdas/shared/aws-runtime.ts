/** Puts the adapters of a function on AWS together, once per cold start. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { EventBridgeCompletions } from '../../lib/adapters/eventbridge/index.ts';
import { SqliteSorter } from '../../lib/adapters/sqlite/sorter.ts';
import { SqsQueue, type SqsQueueOptions } from '../../lib/adapters/sqs/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemIds } from '../../lib/adapters/system/ids.ts';
import { readFunctionEnv } from '../../lib/config/function-env.ts';
import { premisesOf } from '../../lib/config/premises.ts';
import { regionsOf } from '../../lib/config/regions-of.ts';
import { schedulesOf } from '../../lib/config/schedules.ts';
import type { Environment } from '../../lib/config/variable.ts';
import { linkOnce } from '../../lib/usecases/link-once.ts';
import { Pace } from '../../lib/usecases/pace.ts';
import { auditTrail } from './audit-trail.ts';
import { NO_REPORTS, NO_WORKFLOW } from './aws-absent.ts';
import { awsEnds } from './aws-ends.ts';
import { TIMEOUTS } from './aws-timeouts.ts';
import { EmfMeter } from './emf-meter.ts';
import { makeLogger } from './logger.ts';
import type { Runtime } from './runtime.ts';

export interface AwsRuntime extends Runtime {
  readonly queue: SqsQueue;
  /** As metrics name it. */
  readonly stack: string;
  /**
   * Waits for what goes on behind an answer, since Lambda freezes the process with it and a write could be sent when it thaws, hours
   * later; then writes the call's metrics, and adds what was counted to the table's totals. Never throws: what was not added is added with the next batch.
   */
  flush(): Promise<void>;
}

/** SQS holds a request for as long as it moves what it was asked to. */
const SQS_TIMEOUTS = { ...TIMEOUTS, requestTimeout: 10_000 };

/**
 * @param service as log lines name it
 * @param oldest see SqsQueueOptions; for functions that answer how old the backlog is
 * @throws TidemarkError INVALID_CONFIG when the environment is not the one that the stack sets
 */
export function awsRuntime(service: string, oldest?: SqsQueueOptions['oldest'], env: Environment = process.env): AwsRuntime {
  const { config, stack, tableName, eventsQueueUrl, workQueueUrl, deadLetterUrl, abandonedUrl, reconcileSec } = readFunctionEnv(env);
  const clock = new SystemClock();
  const ids = new SystemIds();
  const log = makeLogger(service);
  const meter = new EmfMeter(stack, clock);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: TIMEOUTS }));
  const dynamo = new DynamoState({ client: documents, tableName, clock });
  const { eventBridge } = config.completions ?? {};
  const background = new Set<Promise<unknown>>();
  const ends = awsEnds(config, env, dynamo.findings);
  const client = new SQSClient({ requestHandler: SQS_TIMEOUTS });
  const queue = new SqsQueue({
    client,
    queueUrl: workQueueUrl,
    deadLetterUrl,
    abandonedUrl,
    clock,
    sources: [eventsQueueUrl, workQueueUrl],
    ...(oldest ? { oldest } : {}),
  });
  return {
    config,
    routes: config.routes,
    state: dynamo.state,
    index: dynamo.index,
    recordPages: dynamo.pages,
    deletes: dynamo.deletes,
    pauses: dynamo.pauses,
    pace: new Pace(clock),
    ...(eventBridge ? { completions: new EventBridgeCompletions(eventBridge.busName ?? 'default', { requestHandler: TIMEOUTS }) } : {}),
    queue,
    admin: queue,
    clock,
    ids,
    sorter: new SqliteSorter(),
    ...NO_REPORTS,
    backfills: dynamo.backfills,
    tally: dynamo.backfills,
    workflow: NO_WORKFLOW,
    premises: premisesOf(config, true),
    schedules: schedulesOf(config, reconcileSec),
    audit: auditTrail(dynamo.audit, clock, ids, log),
    auditStore: dynamo.audit,
    log,
    meter,
    stack,
    store: (region) => ends.store(region),
    link: linkOnce(ends),
    regionsOf: (bucket) => regionsOf(config, bucket),
    background: (work) => {
      const ended = work.catch(() => undefined).finally(() => background.delete(ended));
      background.add(ended);
    },
    flush: async () => {
      await Promise.all(background);
      meter.flush();
      try {
        await dynamo.flush();
      } catch (error) {
        log.warn('totals were not added; the next batch adds them', { error: error instanceof Error ? error.message : String(error) });
      }
    },
  };
}
