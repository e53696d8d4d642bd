import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { PRICES } from '../core/prices.ts';
import type { Watched } from './watched.ts';
import { functionMetric, queueMetric, tableMetric, type WatchedMetric } from './watched-metrics.ts';

const MB_PER_GB = 1024;
const MS_PER_SEC = 1000;
const MILLION = 1e6;
/** A batch is received in one request and deleted in one. */
const MESSAGES_A_REQUEST = 10 / 2;

/** What grows with the load, by list prices: dollars of each hour. */
export function costPerHour({ replay, replayMemoryMb, table, queues }: Watched): MathExpression {
  const { lambda, dynamodb, sqs } = PRICES;
  const sum = (metric: WatchedMetric): Metric => new Metric({ ...metric, statistic: 'Sum', period: Duration.hours(1) });
  const perMs = (replayMemoryMb / MB_PER_GB / MS_PER_SEC) * lambda.perGbSecond;
  const perRequest = sqs.perMillionRequests / MILLION;
  const parts: Readonly<Record<string, readonly [Metric, number]>> = {
    calls: [sum(functionMetric('Invocations', replay)), lambda.perMillionCalls / MILLION],
    ms: [sum(functionMetric('Duration', replay)), perMs],
    writes: [sum(tableMetric('ConsumedWriteCapacityUnits', table)), dynamodb.perMillionWriteUnits / MILLION],
    reads: [sum(tableMetric('ConsumedReadCapacityUnits', table)), dynamodb.perMillionReadUnits / MILLION],
    told: [sum(queueMetric('NumberOfMessagesSent', queues.events)), perRequest],
    asked: [sum(queueMetric('NumberOfMessagesSent', queues.work)), perRequest],
    received: [sum(queueMetric('NumberOfMessagesReceived', queues.events)), perRequest / MESSAGES_A_REQUEST],
    idle: [sum(queueMetric('NumberOfEmptyReceives', queues.events)), perRequest],
  };
  const entries = Object.entries(parts);
  return new MathExpression({
    expression: entries.map(([id, [, price]]) => `FILL(${id}, 0) * ${price.toFixed(12)}`).join(' + '),
    usingMetrics: Object.fromEntries(entries.map(([id, [metric]]) => [id, metric])),
    label: 'dollars an hour',
    period: Duration.hours(1),
  });
}
