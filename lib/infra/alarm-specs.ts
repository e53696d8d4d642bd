/** When a stack asks for a person: the thresholds, each with its sentence. The runbook has a section for each. */
import { lateAfterMs } from '../core/backfill/claims.ts';
import type { AlarmSpec } from './constructs/alarms.ts';
import type { Watched } from './watched.ts';
import { AGE, functionMetric, ownMetric, queueMetric, tableMetric } from './watched-metrics.ts';

const MINUTE = 60;
const FIVE_MINUTES = 300;
/** A quarter of an hour: what S3's own Replication Time Control promises. */
const LATE_SEC = 900;
/** Work that was asked for, such as a backfill, waits by design. */
const WORK_LATE_SEC = 4 * 3600;
const FAILURES = 10;
const CRASHES = 5;
const THROTTLED_REQUESTS = 100;

export function alarmSpecs(watched: Watched): readonly AlarmSpec[] {
  return [...queueAlarms(watched), ...routeAlarms(watched), ...serviceAlarms(watched)];
}

function queueAlarms({ queues }: Watched): readonly AlarmSpec[] {
  const visible = 'ApproximateNumberOfMessagesVisible';
  const age = 'ApproximateAgeOfOldestMessage';
  const each = { statistic: 'Maximum', silence: 'notBreaching' } as const;
  return [
    {
      ...each,
      id: 'dead-letters',
      says: 'Changes failed for good and wait for a person.',
      metric: queueMetric(visible, queues.deadLetters),
      periodSec: FIVE_MINUTES,
      periods: 1,
      above: 0,
    },
    {
      ...each,
      id: 'unrecorded-messages',
      says: 'What SQS gave up is not being recorded.',
      metric: queueMetric(visible, queues.abandoned),
      periodSec: FIVE_MINUTES,
      periods: 3,
      above: 0,
    },
    {
      ...each,
      id: 'old-events',
      says: 'Events of the bucket have waited for a quarter of an hour.',
      metric: queueMetric(age, queues.events),
      periodSec: MINUTE,
      periods: 5,
      above: LATE_SEC,
    },
    {
      ...each,
      id: 'old-work',
      says: 'Work that was asked for has waited for four hours.',
      metric: queueMetric(age, queues.work),
      periodSec: FIVE_MINUTES,
      periods: 3,
      above: WORK_LATE_SEC,
    },
  ];
}

function routeAlarms({ stack, canaries, schedules }: Watched): readonly AlarmSpec[] {
  const canary: AlarmSpec = {
    id: 'late-canary',
    says: 'A canary object has not arrived at its destination within a quarter of an hour, or cannot be written.',
    metric: ownMetric('CanaryDelay', stack),
    statistic: 'Maximum',
    periodSec: FIVE_MINUTES,
    periods: 3,
    above: LATE_SEC,
    silence: 'breaching',
  };
  const differences: AlarmSpec = {
    id: 'differences',
    says: 'The last comparison of both sides found differences.',
    metric: ownMetric('Differences', stack),
    statistic: 'Maximum',
    periodSec: FIVE_MINUTES,
    periods: 1,
    above: 0,
    silence: 'notBreaching',
  };
  return [
    {
      id: 'replication-lag',
      says: 'A change has waited for a quarter of an hour to be applied, or nobody can say.',
      metric: ownMetric('ReplicationLag', stack),
      statistic: 'Maximum',
      periodSec: MINUTE,
      periods: 5,
      above: LATE_SEC,
      silence: 'breaching',
    },
    {
      id: 'paused-deletes',
      says: 'The deletes of a route are paused: too many came, or its source is another one than before.',
      metric: ownMetric('DeletesPaused', stack),
      statistic: 'Maximum',
      periodSec: MINUTE,
      periods: 1,
      above: 0,
      silence: 'notBreaching',
    },
    {
      id: 'failed-deliveries',
      says: `More than ${FAILURES} changes failed for good within five minutes.`,
      metric: ownMetric('Failed', stack),
      statistic: 'Sum',
      periodSec: FIVE_MINUTES,
      periods: 1,
      above: FAILURES,
      silence: 'notBreaching',
    },
    ...(canaries ? [canary] : []),
    ...(schedules.some(({ mode }) => mode === 'verify') ? [differences] : []),
    ...schedules.map((schedule) => lateComparison(stack, schedule)),
  ];
}

function lateComparison(stack: string, { mode, everyMs }: Watched['schedules'][number]): AlarmSpec {
  const lateAfterSec = lateAfterMs(everyMs) / 1000;
  return {
    id: `late-${mode}`,
    says: `No scheduled ${mode} of a route has ended well for ${Math.round(lateAfterSec / 360) / 10} hours: it fails, or does not run.`,
    metric: ownMetric(AGE[mode], stack),
    statistic: 'Maximum',
    periodSec: FIVE_MINUTES,
    periods: 1,
    above: lateAfterSec,
    silence: 'notBreaching',
  };
}

function serviceAlarms({ replay, table }: Watched): readonly AlarmSpec[] {
  const each = { statistic: 'Sum', periodSec: FIVE_MINUTES, silence: 'notBreaching' } as const;
  return [
    {
      ...each,
      id: 'failing-function',
      says: 'Calls of the replay function end without an answer.',
      metric: functionMetric('Errors', replay),
      periods: 1,
      above: CRASHES,
    },
    {
      ...each,
      id: 'throttled-function',
      says: 'The account has no room for calls of the replay function.',
      metric: functionMetric('Throttles', replay),
      periods: 3,
      above: 0,
    },
    {
      ...each,
      id: 'throttled-writes',
      says: 'The table takes fewer writes than are asked of it.',
      metric: tableMetric('WriteThrottleEvents', table),
      periods: 1,
      above: THROTTLED_REQUESTS,
    },
    {
      ...each,
      id: 'throttled-reads',
      says: 'The table takes fewer reads than are asked of it.',
      metric: tableMetric('ReadThrottleEvents', table),
      periods: 1,
      above: THROTTLED_REQUESTS,
    },
  ];
}
