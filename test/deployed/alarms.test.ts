/** The alarms of a stack, each seen to fire and to end; and the lines that the functions write, read as CloudWatch reads them. */
import { CloudWatchClient, DescribeAlarmsCommand, GetMetricDataCommand, type MetricAlarm, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { expect, it } from 'vitest';
import { describeDeployed, PATIENCE, Pair } from './client.ts';
import { PAIRS, SOURCE_REGION, stackOf } from './deployment.ts';

describeDeployed('the alarms of a stack', () => {
  const pair = new Pair('input');
  const stack = stackOf(pair.regions.srcRegion);
  let made: CloudWatchClient | undefined;
  const client = (): CloudWatchClient => {
    const { endpoint, credentials } = pair.deployment;
    made ??= new CloudWatchClient({ endpoint, credentials: { ...credentials }, region: SOURCE_REGION });
    return made;
  };
  const alarms = async (): Promise<readonly MetricAlarm[]> =>
    (await client().send(new DescribeAlarmsCommand({ AlarmNamePrefix: `${stack}-` }))).MetricAlarms ?? [];
  const states = async (): Promise<Readonly<Record<string, string | undefined>>> =>
    Object.fromEntries((await alarms()).map(({ AlarmName = '', StateValue }) => [AlarmName.replace(`${stack}-`, ''), StateValue]));

  /** One value in the middle of each period that the alarm looks at. */
  const tell = async ({ Namespace, MetricName, Dimensions, Period = 60, EvaluationPeriods = 1 }: MetricAlarm, Value: number): Promise<void> => {
    const now = Date.now();
    const MetricData = Array.from({ length: EvaluationPeriods }, (_, n) => ({
      MetricName,
      Dimensions,
      Value,
      Timestamp: new Date(now - (n + 0.5) * Period * 1000),
    }));
    await client().send(new PutMetricDataCommand({ Namespace, MetricData }));
  };

  it('fire each for its own metric, when its value is above the threshold in every period', async () => {
    const all = await alarms();
    expect(all).toHaveLength(12);
    for (const alarm of all) await tell(alarm, (alarm.Threshold ?? 0) + 1);

    await expect.poll(states, PATIENCE).toEqual(Object.fromEntries(all.map(({ AlarmName = '' }) => [AlarmName.replace(`${stack}-`, ''), 'ALARM'])));
    const others =
      (await client().send(new DescribeAlarmsCommand({ AlarmNamePrefix: `${stackOf('primary')}-`, StateValue: 'ALARM' }))).MetricAlarms ?? [];
    expect(others).toEqual([]);
  });

  it('watch a canary that the clock sends, and that arrives as users’ objects do', async () => {
    const { source, destination } = PAIRS.main;
    const { MetricAlarms = [] } = await client().send(new DescribeAlarmsCommand({ AlarmNames: [`${stackOf(source)}-late-canary`] }));

    expect(MetricAlarms).toHaveLength(1);
    await expect
      .poll(() => new Pair('main').destination.text(`.tidemark-canary/${source}-${destination}`), PATIENCE)
      .toContain('Tidemark writes this');
  });

  it('are told by the functions themselves how much was done, and how far behind each route is', async () => {
    await pair.source.put('alarms/seen.txt', 'text');
    await pair.arrives('alarms/seen.txt', 'text');
    const sums = async (): Promise<Readonly<Record<string, number>>> => {
      const asked = [
        ['Done', {}],
        ['Bytes', {}],
        ['ReplicationTime', {}],
        ['ReplicationLag', { Route: `${pair.regions.srcRegion}-${pair.regions.dstRegion}` }],
        ['ReconcileAge', { Route: `${pair.regions.srcRegion}-${pair.regions.dstRegion}` }],
      ] as const;
      const MetricDataQueries = asked.map(([MetricName, more], n) => ({
        Id: `m${n}`,
        MetricStat: {
          Metric: {
            Namespace: 'Tidemark',
            MetricName,
            Dimensions: Object.entries({ Stack: stack, ...more }).map(([Name, Value]) => ({ Name, Value })),
          },
          Period: 3600,
          Stat: 'SampleCount',
        },
      }));
      const range = { StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 60_000) };
      const { MetricDataResults = [] } = await client().send(new GetMetricDataCommand({ MetricDataQueries, ...range }));
      return Object.fromEntries(MetricDataResults.map(({ Id = '', Values = [] }) => [asked[Number(Id.slice(1))]?.[0] ?? Id, Values.length]));
    };

    // The clock calls its function once a minute.
    await expect.poll(sums, PATIENCE).toEqual({ Done: 1, Bytes: 1, ReplicationTime: 1, ReplicationLag: 1, ReconcileAge: 1 });
  });
});
