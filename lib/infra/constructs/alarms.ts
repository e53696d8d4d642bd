import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { WatchedMetric } from '../watched-metrics.ts';

export interface AlarmSpec {
  /** Its name after the stack's, and the heading of its section in docs/runbook.md. */
  readonly id: string;
  /** What is so when it fires, as a sentence. */
  readonly says: string;
  readonly metric: WatchedMetric;
  readonly statistic: 'Maximum' | 'Sum';
  readonly periodSec: number;
  /** Fires when as many periods in a row are above the threshold. */
  readonly periods: number;
  readonly above: number;
  /** What silence means: `breaching` where the metric is told each minute, come what may. */
  readonly silence: 'notBreaching' | 'breaching';
}

export interface AlarmsProps {
  readonly specs: readonly AlarmSpec[];
  /** @default nobody is told: they are seen on the dashboard */
  readonly topic?: ITopic;
}

/** Where a person reads on. */
export const RUNBOOK = 'docs/runbook.md';

/** One alarm for each way in which a stack asks for a person. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { specs, topic }: AlarmsProps) {
    super(scope, id);
    this.alarms = specs.map((spec) => this.#alarm(spec));
    if (!topic) return;
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }

  #alarm({ id, says, metric, statistic, periodSec, periods, above, silence }: AlarmSpec): Alarm {
    return new Alarm(this, id, {
      alarmName: `${Stack.of(this).stackName}-${id}`,
      alarmDescription: `${says} What to do: ${RUNBOOK}#${id}`,
      metric: new Metric({ ...metric, statistic, period: Duration.seconds(periodSec) }),
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      treatMissingData: silence === 'breaching' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
  }
}
