/** The metrics that a stack is watched by: AWS's own of what it holds, and the few that its functions write. */

import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

export interface WatchedMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensionsMap: Readonly<Record<string, string>>;
}

/** As the functions write them: lambdas/shared/emf.ts. */
const NAMESPACE = 'Tidemark';

export type OwnMetric =
  | 'Done'
  | 'Failed'
  | 'FailedAttempts'
  | 'Bytes'
  | 'ReplicationTime'
  | 'ReplicationLag'
  | 'OldestErrorAge'
  | 'DeletesPaused'
  | 'CanaryDelay'
  | 'Differences'
  | 'VerifyAge'
  | 'ReconcileAge';

/** Of the last scheduled comparison that ended well. */
export const AGE = { verify: 'VerifyAge', reconcile: 'ReconcileAge' } as const;

/** @param route without it, of all routes of the stack */
export function ownMetric(metricName: OwnMetric, stack: string, route?: string): WatchedMetric {
  return { namespace: NAMESPACE, metricName, dimensionsMap: { Stack: stack, ...(route === undefined ? {} : { Route: route }) } };
}

export type GatewayMetric = 'Epoch' | 'FailedOver' | 'FailingRegions' | 'WatermarkAge' | 'Fallbacks' | 'Repairs' | 'Active' | 'ProbeFailures';

/** As lambdas/shared/gateway-metrics.ts writes them. @param region of what is told of each region alone: `Active`, `ProbeFailures` */
export function gatewayMetric(metricName: GatewayMetric, stack: string, region?: string): WatchedMetric {
  return { namespace: NAMESPACE, metricName, dimensionsMap: { Stack: stack, ...(region === undefined ? {} : { Region: region }) } };
}

export function queueMetric(metricName: string, queue: IQueue): WatchedMetric {
  return { namespace: 'AWS/SQS', metricName, dimensionsMap: { QueueName: queue.queueName } };
}

export function functionMetric(metricName: string, fn: LambdaFunction): WatchedMetric {
  return { namespace: 'AWS/Lambda', metricName, dimensionsMap: { FunctionName: fn.functionName } };
}

export function tableMetric(metricName: string, table: Table): WatchedMetric {
  return { namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: table.tableName } };
}
