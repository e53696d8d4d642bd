/** What dashboards are made of. */
import { Duration } from 'aws-cdk-lib';
import { GraphWidget, type IMetric, Metric, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import type { WatchedMetric } from './watched-metrics.ts';

/** Of a dashboard. */
export const WIDTH = 24;
const HALF = WIDTH / 2;

export function series(metric: WatchedMetric, statistic: string, label: string): IMetric {
  return new Metric({ ...metric, statistic, label, period: Duration.minutes(1) });
}

export function graph(title: string, left: IMetric[], width: number = HALF): GraphWidget {
  return new GraphWidget({ title, left, width, leftYAxis: { min: 0, showUnits: false } });
}

export function heading(question: string, answer: string): TextWidget {
  return new TextWidget({ markdown: `## ${question}\n${answer}`, width: WIDTH, height: 2 });
}
