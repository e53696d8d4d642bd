/** What must be true of the templates of a gateway: two regions, and a third that decides. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countAnswer, publishGateway } from '../../lambdas/shared/gateway-metrics.ts';
import { PARTITION, SORT } from '../../lib/adapters/dynamodb/schema.ts';
import type { TidemarkInput } from '../../lib/config/define.ts';
import { begin, type ControlRecord, switched } from '../../lib/core/gateway/control.ts';
import { count, type ObserverState } from '../../lib/core/gateway/observer.ts';
import { PROBE_EVERY_MS } from '../../lib/core/gateway/rules.ts';
import { type AlarmDefinition, datapointsOf, judge } from '../fixtures/alarm-judge.ts';
import { shown, statementsOf } from './policies.ts';
import { summary } from './summary.ts';
import { ofType, PAIR, type Resource, type Synthesised, synthesise } from './synth.ts';

const HOME = 'tidemark-primary';
const AWAY = 'tidemark-secondary';
const CONTROL = 'tidemark-control';

function gatewayOf(gateway: NonNullable<TidemarkInput['gateway']> = {}): TidemarkInput {
  return { ...PAIR, routes: [{ from: 'primary', to: 'secondary', bidirectional: true }], gateway: { controlRegion: 'eu-central-1', ...gateway } };
}

let made: Synthesised;
let home: Readonly<Record<string, Resource>>;
let away: Readonly<Record<string, Resource>>;

beforeAll(() => {
  made = synthesise(gatewayOf(), {}, { bundled: true });
  home = made.resources(HOME);
  away = made.resources(AWAY);
}, 120_000);

afterAll(() => made?.[Symbol.dispose]());

test('the templates say what people have reviewed', async () => {
  const gatewayPart = Object.fromEntries(Object.entries(home).filter(([id]) => /^(Gateway|AuditHeads)/.test(id)));

  await expect(summary(gatewayPart)).toMatchFileSnapshot('golden/gateway-home.txt');
  await expect(summary(away)).toMatchFileSnapshot('golden/gateway-away.txt');
  await expect(summary(made.resources(CONTROL))).toMatchFileSnapshot('golden/gateway-control.txt');
});

describe('what decides', () => {
  test('lies in a region of its own, is the table that its adapter knows, and outlives its stack', () => {
    const [[, table] = []] = ofType(made.resources(CONTROL), 'AWS::DynamoDB::Table');

    expect(table).toMatchObject({
      DeletionPolicy: expect.stringMatching(/^Retain/),
      UpdateReplacePolicy: 'Retain',
      Properties: {
        TableName: CONTROL,
        BillingMode: 'PAY_PER_REQUEST',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        KeySchema: [
          { AttributeName: PARTITION, KeyType: 'HASH' },
          { AttributeName: SORT, KeyType: 'RANGE' },
        ],
      },
    });
  });

  test('is named by every function that decides, in its region', () => {
    for (const resources of [home, away]) {
      const deciding = statementsOf(resources).filter(({ sid }) => sid === 'Decide');

      expect(deciding.map(({ policy }) => policy)).toEqual([expect.stringMatching(/^GatewayApi/), expect.stringMatching(/^GatewayWatch/)]);
      for (const { resources: named } of deciding)
        expect(named).toEqual([`arn:{AWS::Partition}:dynamodb:eu-central-1:{AWS::AccountId}:table/${CONTROL}`]);
    }
  });
});

describe('an observer', () => {
  test.each([HOME, AWAY])('of %s looks at both buckets, touches no object, and has room of its own for one call', (stack) => {
    const resources = made.resources(stack);
    const actions = statementsOf(resources)
      .filter(({ policy }) => policy.startsWith('GatewayWatch'))
      .flatMap(({ actions: named }) => named);
    expect(actions.filter((action) => action.startsWith('s3:'))).toEqual(['s3:ListBucket', 's3:ListBucket']);

    const observers = ofType(resources, 'AWS::Lambda::Function').filter(([id]) => id.startsWith('GatewayWatch'));
    // A minute's rounds, and the wait for a lease of ten seconds.
    expect(observers).toMatchObject([[expect.any(String), { Properties: { ReservedConcurrentExecutions: 1, Timeout: 86 } }]]);
  });

  test('has the time to wait for the longest lease', () => {
    using longest = synthesise(gatewayOf({ leaseSec: 300 }));
    const [[, observer] = []] = ofType(longest.resources(AWAY), 'AWS::Lambda::Function').filter(([id]) => id.startsWith('GatewayWatch'));

    expect(Number(observer?.Properties.Timeout)).toBeGreaterThan(300 + 60);
  });
});

describe('signed heads', () => {
  test('lie in the region that the trail does not lie in, where nobody can remove them for a year', () => {
    using together = synthesise(gatewayOf({ controlRegion: 'us-east-1' }));
    const bucketsOf = (resources: Readonly<Record<string, Resource>>): readonly Resource[] =>
      ofType(resources, 'AWS::S3::Bucket').flatMap(([id, bucket]) => (id.startsWith('AuditHeads') ? [bucket] : []));

    expect(bucketsOf(away)).toMatchObject([
      {
        DeletionPolicy: expect.stringMatching(/^Retain/),
        Properties: {
          ObjectLockEnabled: true,
          ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } } },
          VersioningConfiguration: { Status: 'Enabled' },
        },
      },
    ]);
    expect(bucketsOf(home)).toEqual([]);
    expect(bucketsOf(together.resources(HOME))).toHaveLength(1);
    expect(bucketsOf(together.resources(AWAY))).toEqual([]);
  });

  test('are neither removed nor put over one another by anybody', () => {
    const denied = statementsOf(away).filter(({ policy, effect }) => policy.startsWith('AuditHeads') && effect === 'Deny');

    expect(denied.filter(({ sid }) => sid.startsWith('Deny'))).toMatchObject([
      { sid: 'DenyRemoval', actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'], resources: [expect.stringMatching(/\/\*$/)] },
      { sid: 'DenyOverwriting', actions: ['s3:PutObject'], conditions: expect.stringContaining('s3:if-none-match') },
    ]);
  });

  test('are added by one function alone, which writes no trail and removes nothing', () => {
    const adding = statementsOf({ ...home, ...away }).filter(({ sid }) => sid === 'AddAuditHeads');
    expect(adding.map(({ policy }) => policy)).toEqual([expect.stringMatching(/^GatewaySealing/)]);

    const actions = statementsOf(home)
      .filter(({ policy }) => policy.startsWith('GatewaySealing'))
      .flatMap(({ actions: named }) => named);
    expect(actions.filter((action) => /Update|Delete|PutItem|Bypass|Retention/.test(action))).toEqual([]);
    expect(
      statementsOf({ ...home, ...away })
        .flatMap(({ effect, actions: named }) => (effect === 'Allow' ? named : []))
        .join(),
    ).not.toMatch(/Bypass|Retention/);
  });
});

describe('the API', () => {
  const routesOf = (resources: Readonly<Record<string, Resource>>): readonly Readonly<Record<string, unknown>>[] =>
    ofType(resources, 'AWS::ApiGatewayV2::Route').flatMap(([id, { Properties }]) => (id.startsWith('Gateway') ? [Properties] : []));

  test('answers in both regions what IAM has let through', () => {
    for (const resources of [home, away]) expect(routesOf(resources)).toMatchObject([{ RouteKey: 'ANY /{proxy+}', AuthorizationType: 'AWS_IAM' }]);
  });

  test('takes ten times the requests that an operators’ API does', () => {
    const limits = ofType(home, 'AWS::ApiGatewayV2::Stage').map(([id, { Properties }]) => [
      id.startsWith('Gateway'),
      Properties.DefaultRouteSettings,
    ]);

    expect(limits).toEqual(
      expect.arrayContaining([
        [true, { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 }],
        [false, { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 }],
      ]),
    );
  });

  test('tells the scopes of tokens apart, where tokens are believed', () => {
    using believing = synthesise(gatewayOf({ jwt: { issuer: 'https://login.acme.example', audience: 'tidemark' } }));

    const scopes = Object.fromEntries(
      routesOf(believing.resources(AWAY)).map(({ RouteKey, AuthorizationType, AuthorizationScopes }) => [
        RouteKey,
        [AuthorizationType, AuthorizationScopes],
      ]),
    );
    const both = ['JWT', ['tidemark/admin', 'tidemark/objects']];
    expect(scopes).toEqual({
      'ANY /objects': both,
      'ANY /objects/{proxy+}': both,
      'ANY /replication/{proxy+}': both,
      'ANY /sign': both,
      'ANY /healthz': both,
      'ANY /{proxy+}': ['JWT', ['tidemark/admin']],
    });
  });

  test('of the region where the route ends reaches no record and no queue: it needs the other region for nothing', () => {
    const named = statementsOf(away).flatMap(({ effect, resources }) => (effect === 'Allow' ? resources : []));

    expect(named.filter((name) => /:(sqs|states|kms):|eu-west-1/.test(name))).toEqual([]);
  });
});

test.each(['gateway', 'observer', 'seal'])('the bundle of %s is below 1.25 MB', (name) => {
  expect(statSync(join(made.directory, 'bundles', name, 'index.mjs')).size).toBeLessThan(1_250_000);
});

describe('what cannot be deployed is refused by its name', () => {
  test.each<[string, TidemarkInput, string]>([
    [
      'tokens that API Gateway does not know',
      gatewayOf({ jwt: { issuer: 'https://login.acme.example', audience: 'tidemark', algorithms: ['ES256'] } }),
      'gateway.jwt.algorithms',
    ],
    [
      'a region with the name of the stack that decides',
      {
        ...gatewayOf(),
        regions: { ...PAIR.regions, control: { bucket: { existing: 'acme-third' }, awsRegion: 'eu-north-1' } },
      },
      'regions.control',
    ],
  ])('%s', (_what, input, field) => {
    expect(() => synthesise(input)).toThrow(field);
  });

  test('and a gateway over folders is the embedded host’s', () => {
    const input: TidemarkInput = {
      regions: { ...PAIR.regions, one: { folder: './one' }, two: { folder: './two' } },
      routes: [
        { from: 'primary', to: 'secondary' },
        { from: 'one', to: 'two', bidirectional: true },
      ],
      gateway: {},
    };
    using without = synthesise(input);

    expect(Object.keys(without.resources(HOME)).filter((id) => id.startsWith('Gateway'))).toEqual([]);
  });
});

describe('alarms, on what an observer writes', () => {
  const RULES = { regions: ['primary', 'secondary'], first: 'primary', mode: 'auto', leaseMs: 10_000 } as const;
  const first = begin(RULES, { at: 0, by: 'system', intent: 1 });
  const wish = { to: 'secondary', kind: 'auto', forced: false, at: 0, by: 'observer:secondary', why: 'primary failed', intent: 2 } as const;

  /** Five minutes, each of four rounds in which these regions do not answer. */
  const minutes = (record: ControlRecord, ...silent: readonly string[]): readonly string[] => {
    const lines: string[] = [];
    let state: ObserverState | null = null;
    for (let round = 0; round < 20; round++) {
      const at = round * PROBE_EVERY_MS;
      const probes = Object.fromEntries(RULES.regions.map((region) => [region, silent.includes(region) ? 'no answer' : null]));
      state = count(state, { observer: 'secondary', sits: 'secondary', epoch: record.epoch, at, probes });
      if (round % 4 === 3) publishGateway(AWAY, RULES, { record, state, watermarkAgeMs: 4_000 }, at, (line) => lines.push(line));
    }
    return lines;
  };
  const stateOf = (id: string, lines: readonly string[]): string => {
    const definitions: readonly AlarmDefinition[] = JSON.parse(
      JSON.stringify(ofType(away, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)),
    );
    const alarm = definitions.find(({ AlarmName }) => AlarmName === `${AWAY}-${id}`);
    return alarm ? judge(alarm, datapointsOf(lines), 20 * PROBE_EVERY_MS) : 'none';
  };

  test('failed-over fires while another region than the first is active', () => {
    expect(stateOf('failed-over', minutes(first))).toBe('OK');
    expect(stateOf('failed-over', minutes(switched(first, wish, 10_000)))).toBe('ALARM');
  });

  test('regions-failing fires when both fail, not when one does, and when nobody says', () => {
    expect(stateOf('regions-failing', minutes(first))).toBe('OK');
    expect(stateOf('regions-failing', minutes(first, 'primary'))).toBe('OK');
    expect(stateOf('regions-failing', minutes(first, 'primary', 'secondary'))).toBe('ALARM');
    expect(stateOf('regions-failing', [])).toBe('ALARM');
  });

  test('the dashboard draws what the functions write, under the very names', () => {
    const lines: string[] = [...minutes(first)];
    countAnswer(AWAY, { 'x-tidemark-fallback': 'UNAVAILABLE', 'x-tidemark-repair': 'queued' }, 1, (line) => lines.push(line));
    countAnswer(AWAY, { 'content-type': 'text/plain' }, 1, () => lines.push('a line that costs and says nothing'));
    const written = new Set(lines.flatMap((line) => Object.keys(JSON.parse(line))).filter((name) => /^[A-Z]/.test(name)));
    const [[, dashboard] = []] = ofType(away, 'AWS::CloudWatch::Dashboard');
    const body = shown(dashboard?.Properties.DashboardBody);
    const drawn = [...body.matchAll(/"Tidemark","(\w+)"/g)].map(([, name]) => name);

    expect(new Set(drawn)).toEqual(new Set([...written].filter((name) => !['Stack', 'Region', 'FailedOver', 'FailingRegions'].includes(name))));
  });
});

test('both regions wait for what they decide by, and have alarms and a dashboard of the gateway', () => {
  for (const resources of [home, away]) {
    const names = ofType(resources, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => String(Properties.AlarmName));
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/-failed-over$/), expect.stringMatching(/-regions-failing$/)]));
    const dashboards = ofType(resources, 'AWS::CloudWatch::Dashboard').map(([, { Properties }]) => Properties.DashboardName);
    expect(dashboards).toContainEqual(expect.stringMatching(/-gateway$/));
  }
});
