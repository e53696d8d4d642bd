import { Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard, type IMetric, type IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { costPerHour } from '../cost-expression.ts';
import type { Watched } from '../watched.ts';
import { AGE, functionMetric, ownMetric, queueMetric, tableMetric } from '../watched-metrics.ts';
import { graph, heading, series, WIDTH } from '../widgets.ts';
import { RUNBOOK } from './alarms.ts';

export interface OperationsDashboardProps {
  readonly watched: Watched;
  readonly alarms: readonly Alarm[];
}

/** Of a stack, from top to bottom: is it healthy, how far behind is it, how fast, what fails, what does it cost. */
export class OperationsDashboard extends Construct {
  constructor(scope: Construct, id: string, { watched, alarms }: OperationsDashboardProps) {
    super(scope, id);
    new Dashboard(this, 'Dashboard', {
      dashboardName: Stack.of(this).stackName,
      defaultInterval: Duration.hours(3),
      widgets: [
        [heading('Is it healthy?', `What each alarm means, and what to do: ${RUNBOOK}.`)],
        [new AlarmStatusWidget({ alarms: [...alarms], width: WIDTH, height: 3 })],
        ...howFarBehind(watched),
        ...howFast(watched),
        ...whatFails(watched),
        [heading('What does it cost?', 'By list prices, without S3, KMS, logs, alarms and what stands idle: docs/benchmarks.md.')],
        [graph('Dollars an hour', [costPerHour(watched)], WIDTH)],
      ],
    });
  }
}

function howFarBehind({ stack, routes, canaries, queues }: Watched): IWidget[][] {
  const age = (label: string, queue: Watched['queues']['events']): IMetric =>
    series(queueMetric('ApproximateAgeOfOldestMessage', queue), 'Maximum', label);
  const lag = routes.map((route) => series(ownMetric('ReplicationLag', stack, route), 'Maximum', route));
  const canary = routes.map((route) => series(ownMetric('CanaryDelay', stack, route), 'Maximum', `canary ${route}`));
  return [
    [heading('How far behind is it?', 'The age of the oldest change: in the records, and in the queues before anyone has read it.')],
    [
      graph('Oldest change in the records, seconds', canaries ? [...lag, ...canary] : lag),
      graph('Oldest message, seconds', [age('events', queues.events), age('work', queues.work)]),
    ],
    [
      graph(
        'Messages that wait',
        [
          series(queueMetric('ApproximateNumberOfMessagesVisible', queues.events), 'Maximum', 'events'),
          series(queueMetric('ApproximateNumberOfMessagesVisible', queues.work), 'Maximum', 'work'),
        ],
        WIDTH,
      ),
    ],
  ];
}

function howFast({ stack }: Watched): IWidget[][] {
  const time = (statistic: string): IMetric => series(ownMetric('ReplicationTime', stack), statistic, statistic);
  return [
    [heading('How fast is it?', 'From the moment of a change, as S3 tells it, until it was applied.')],
    [
      graph('Seconds from change to copy', [time('p50'), time('p99'), time('Maximum')]),
      graph('Changes applied a minute', [series(ownMetric('Done', stack), 'Sum', 'changes')]),
    ],
    [graph('Bytes copied a minute', [series(ownMetric('Bytes', stack), 'Sum', 'bytes')], WIDTH)],
  ];
}

function whatFails({ stack, routes, schedules, queues, replay, table }: Watched): IWidget[][] {
  return [
    [heading('What fails?', 'Attempts are tried again; what failed for good is a dead letter, and waits for a person.')],
    [
      graph('Failures a minute', [
        series(ownMetric('FailedAttempts', stack), 'Sum', 'attempts'),
        series(ownMetric('Failed', stack), 'Sum', 'for good'),
      ]),
      graph('What waits for a person', [
        series(queueMetric('ApproximateNumberOfMessagesVisible', queues.deadLetters), 'Maximum', 'dead letters'),
        ...routes.map((route) => series(ownMetric('Differences', stack, route), 'Maximum', `differences of ${route}`)),
        ...routes.map((route) => series(ownMetric('DeletesPaused', stack, route), 'Maximum', `deletes of ${route} paused`)),
      ]),
    ],
    [
      graph(
        'Seconds since the last scheduled comparison that ended well',
        schedules.flatMap(({ mode }) => routes.map((route) => series(ownMetric(AGE[mode], stack, route), 'Maximum', `${mode} of ${route}`))),
        WIDTH,
      ),
    ],
    [
      graph('The replay function', [
        series(functionMetric('Errors', replay), 'Sum', 'errors'),
        series(functionMetric('Throttles', replay), 'Sum', 'throttles'),
      ]),
      graph('The table', [
        series(tableMetric('WriteThrottleEvents', table), 'Sum', 'throttled writes'),
        series(tableMetric('ReadThrottleEvents', table), 'Sum', 'throttled reads'),
      ]),
    ],
  ];
}
