import { Duration, Stack } from 'aws-cdk-lib';
import { type Alarm, AlarmStatusWidget, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { functionMetric, gatewayMetric } from '../watched-metrics.ts';
import { graph, heading, series, WIDTH } from '../widgets.ts';
import { RUNBOOK } from './alarms.ts';

export interface GatewayDashboardProps {
  /** As its metrics name it. */
  readonly stack: string;
  /** The gateway's two. */
  readonly regions: readonly string[];
  readonly gateway: LambdaFunction;
  readonly observer: LambdaFunction;
  readonly alarms: readonly Alarm[];
}

/** Of a gateway, as the stack of one of its regions sees it: which region is written, how both are, what readers notice of it. */
export class GatewayDashboard extends Construct {
  constructor(scope: Construct, id: string, { stack, regions, gateway, observer, alarms }: GatewayDashboardProps) {
    super(scope, id);
    const ofEach = (name: 'Active' | 'ProbeFailures') => regions.map((region) => series(gatewayMetric(name, stack, region), 'Maximum', region));
    new Dashboard(this, 'Dashboard', {
      dashboardName: `${Stack.of(this).stackName}-gateway`,
      defaultInterval: Duration.hours(3),
      widgets: [
        [heading('Which region is written?', `What each alarm means, and what to do: ${RUNBOOK}.`)],
        [new AlarmStatusWidget({ alarms: [...alarms], width: WIDTH, height: 3 })],
        [
          graph('Active region', ofEach('Active')),
          graph('Epoch: one more with each switch', [series(gatewayMetric('Epoch', stack), 'Maximum', 'epoch')]),
        ],
        [
          heading(
            'How are both?',
            'As the observer in this region finds them, every 15 seconds. Three failures in a row condemn a region, but its own.',
          ),
        ],
        [
          graph('Failed probes in a row', ofEach('ProbeFailures')),
          graph('Seconds since the route told how far it is', [series(gatewayMetric('WatermarkAge', stack), 'Maximum', 'age')]),
        ],
        [heading('What do readers notice?', 'A read falls back where the active region fails or is slow; a repair has the route look at the key.')],
        [
          graph('Reads that fell back, and repairs, a minute', [
            series(gatewayMetric('Fallbacks', stack), 'Sum', 'fallbacks'),
            series(gatewayMetric('Repairs', stack), 'Sum', 'repairs'),
          ]),
          graph('The functions', [
            series(functionMetric('Errors', gateway), 'Sum', 'errors of the gateway'),
            series(functionMetric('Throttles', gateway), 'Sum', 'throttles of the gateway'),
            series(functionMetric('Errors', observer), 'Sum', 'errors of the observer'),
          ]),
        ],
        [graph('Calls of the gateway a minute', [series(functionMetric('Invocations', gateway), 'Sum', 'calls')], WIDTH)],
      ],
    });
  }
}
