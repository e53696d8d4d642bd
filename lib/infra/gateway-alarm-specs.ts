/** When a gateway asks for a person. The runbook has a section for each. */
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { AlarmSpec } from './constructs/alarms.ts';
import { functionMetric, gatewayMetric } from './watched-metrics.ts';

const MINUTE = 60;
const FIVE_MINUTES = 300;

export interface WatchedGateway {
  /** As its metrics name it. */
  readonly stack: string;
  /** Of the stack where the route starts; absent elsewhere. */
  readonly seal?: LambdaFunction | undefined;
}

export function gatewayAlarmSpecs({ stack, seal }: WatchedGateway): readonly AlarmSpec[] {
  const unsealed = (fn: LambdaFunction): AlarmSpec => ({
    id: 'unsigned-audit-trail',
    says: 'The end of an audit trail has not been signed for a quarter of an hour: it was changed, or a store does not answer.',
    metric: functionMetric('Errors', fn),
    statistic: 'Sum',
    periodSec: FIVE_MINUTES,
    periods: 3,
    above: 0,
    silence: 'notBreaching',
  });
  return [
    {
      id: 'failed-over',
      says: 'The gateway writes to another region than its first one.',
      metric: gatewayMetric('FailedOver', stack),
      statistic: 'Maximum',
      periodSec: MINUTE,
      periods: 1,
      above: 0,
      silence: 'notBreaching',
    },
    {
      id: 'regions-failing',
      says: 'Both regions of the gateway fail their probes, or its observer cannot say.',
      metric: gatewayMetric('FailingRegions', stack),
      statistic: 'Maximum',
      periodSec: MINUTE,
      periods: 3,
      above: 1,
      silence: 'breaching',
    },
    ...(seal ? [unsealed(seal)] : []),
  ];
}
