/** What the functions of a gateway have in common, in whichever of its regions: its control record, its audit trail and its two buckets. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DynamoControl } from '../../lib/adapters/dynamodb/control.ts';
import { DynamoState } from '../../lib/adapters/dynamodb/index.ts';
import { SystemClock } from '../../lib/adapters/system/clock.ts';
import { SystemIds } from '../../lib/adapters/system/ids.ts';
import { readGatewayEnv } from '../../lib/config/gateway-env.ts';
import { controlPlace } from '../../lib/config/gateway-places.ts';
import type { Environment } from '../../lib/config/variable.ts';
import type { Watermark } from '../../lib/core/gateway/watermark.ts';
import type { Queue } from '../../lib/ports/queue.ts';
import { auditTrail } from './audit-trail.ts';
import { type AwsEnds, awsEnds } from './aws-ends.ts';
import { auditHeads } from './aws-heads.ts';
import { TIMEOUTS } from './aws-timeouts.ts';
import type { GatewayRuntime } from './gateway-runtime.ts';
import type { Log } from './log.ts';
import { makeLogger } from './logger.ts';
import { openGateway } from './open-gateway.ts';
import type { Runtime } from './runtime.ts';

export interface AwsGateway {
  readonly told: ReturnType<typeof readGatewayEnv>;
  readonly clock: SystemClock;
  readonly ids: SystemIds;
  readonly log: Log;
  readonly control: DynamoControl;
  readonly ends: AwsEnds;
  /** What else the control table can hold. */
  readonly shared: DynamoState;
  readonly trail: Pick<Runtime, 'audit' | 'auditStore' | 'auditHeads'>;
  /**
   * @param queue takes looks of the route
   * @param measure see AskDeps
   */
  open(queue: Pick<Queue, 'send'>, measure: () => Promise<Watermark>): GatewayRuntime;
}

/**
 * @param service as log lines name it
 * @throws TidemarkError INVALID_CONFIG when the environment is not the one that the stack sets
 */
export function awsGateway(service: string, env: Environment = process.env): AwsGateway {
  const told = readGatewayEnv(env);
  const { config } = told;
  const { awsRegion: region, tableName } = controlPlace(config);
  const clock = new SystemClock();
  const ids = new SystemIds();
  const log = makeLogger(service);
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region, requestHandler: TIMEOUTS }));
  const control = new DynamoControl({ client, tableName, clock });
  const shared = new DynamoState({ client, tableName, clock });
  const ends = awsEnds(config, env, shared.findings);
  const audit = auditTrail(shared.audit, clock, ids, log);
  const heads = auditHeads(told, env);
  return {
    told,
    clock,
    ids,
    log,
    control,
    ends,
    shared,
    trail: { audit, auditStore: shared.audit, auditHeads: heads },
    open: (queue, measure) =>
      openGateway({
        config: config.gateway,
        control,
        audit,
        clock,
        store: ends.gatewayStore,
        queue,
        // The bucket itself tells of its changes.
        announce: async () => undefined,
        measure,
      }),
  };
}
