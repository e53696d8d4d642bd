/** Alarms and the dashboard of a stack: what they watch, whom they tell, and that they fire on what functions really write. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EmfMeter } from '../../lambdas/shared/emf-meter.ts';
import { publishGauges } from '../../lambdas/shared/publish-gauges.ts';
import type { RouteInput } from '../../lib/config/define.ts';
import { verified } from '../../lib/core/backfill/claims.ts';
import { NO_COUNTS } from '../../lib/core/verify/difference.ts';
import type { AwsInput } from '../../lib/infra/settings.ts';
import { noteReconciled, noteVerified } from '../../lib/usecases/backfill/store.ts';
import { expectScheduled } from '../../lib/usecases/comparisons.ts';
import { type AlarmDefinition, datapointsOf, judge } from '../fixtures/alarm-judge.ts';
import { HandlerWorld, notification } from '../fixtures/handler-world.ts';
import { textOf } from '../fixtures/markdown.ts';
import { shown, statementsOf } from './policies.ts';
import { ofType, PAIR, type Resource, type Synthesised, synthesise } from './synth.ts';

const STACK = 'tidemark-primary';
const CANARY = { ...PAIR, routes: [{ from: 'primary', to: 'secondary', canary: { everySec: 60 } }], verify: { everySec: 86_400 } };
const ROUTE = 'primary-secondary';

let made: Synthesised;
let resources: Readonly<Record<string, Resource>>;

beforeAll(() => {
  made = synthesise(CANARY);
  resources = made.resources(STACK);
}, 120_000);
afterAll(() => made?.[Symbol.dispose]());

function alarmsOf(from: Readonly<Record<string, Resource>>): readonly AlarmDefinition[] {
  const definitions: readonly AlarmDefinition[] = JSON.parse(
    JSON.stringify(ofType(from, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties)),
  );
  return definitions;
}

function alarm(id: string): AlarmDefinition {
  const found = alarmsOf(resources).find(({ AlarmName }) => AlarmName === `${STACK}-${id}`);
  if (!found) throw new Error(`there is no alarm ${id}`);
  return found;
}

function withSettings<T>(aws: AwsInput, look: (of: Readonly<Record<string, Resource>>) => T): T {
  using synthesised = synthesise(PAIR, aws);
  return look(synthesised.resources(STACK));
}

describe('alarms', () => {
  test('there is one for each way in which a stack asks for a person', () => {
    expect(alarmsOf(resources).map(({ AlarmName }) => AlarmName.replace(`${STACK}-`, ''))).toEqual([
      'dead-letters',
      'unrecorded-messages',
      'old-events',
      'old-work',
      'replication-lag',
      'paused-deletes',
      'failed-deliveries',
      'late-canary',
      'differences',
      'late-verify',
      'late-reconcile',
      'failing-function',
      'throttled-function',
      'throttled-writes',
      'throttled-reads',
    ]);
    expect(withSettings({}, alarmsOf).filter(({ AlarmName }) => /late-canary|differences|late-verify/.test(AlarmName))).toEqual([]);
  });

  test('each says what is so, and where to read on', () => {
    for (const { AlarmName, AlarmDescription } of alarmsOf(resources)) {
      expect(AlarmDescription).toMatch(new RegExp(`^[A-Z].*\\. What to do: docs/runbook\\.md#${AlarmName.replace(`${STACK}-`, '')}$`));
    }
  });

  test('each has its section in the runbook, and the runbook tells of no other', () => {
    using served = synthesise({ ...PAIR, routes: [{ from: 'primary', to: 'secondary', bidirectional: true }], gateway: {} });
    const all = [...alarmsOf(resources), ...alarmsOf(served.resources(STACK))];
    const ids = [...new Set(all.map(({ AlarmName }) => AlarmName.replace(`${STACK}-`, '')))];
    const [, told = ''] = textOf('docs/runbook.md').split('\n# Alarms\n');
    const [sections = ''] = told.split('\n# ');

    expect([...sections.matchAll(/^## (.*)$/gm)].map(([, id]) => id).sort()).toEqual(ids.sort());
    for (const id of ids) expect(sections, id).toContain(`[${id}](#${id})`);
    for (const section of sections.split('\n## ').slice(1)) expect(section.toLowerCase()).toMatch(/means.*see.*do.*over when/s);
  });

  test('nobody is told unless the settings say whom', () => {
    for (const each of alarmsOf(resources)) expect(each.AlarmActions).toBeUndefined();
    expect(ofType(resources, 'AWS::SNS::Topic')).toEqual([]);
  });

  test('a topic of one’s own is told, of the end too', () => {
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:alarms';

    for (const each of withSettings({ alarms: { topicArn } }, alarmsOf))
      expect(each).toMatchObject({ AlarmActions: [topicArn], OKActions: [topicArn] });
  });

  test('an address is told through a topic that is encrypted with a key which CloudWatch may use, and closed without TLS', () => {
    withSettings({ alarms: { email: 'ops@example.com' } }, (of) => {
      const [[topic, resource] = ['']] = ofType(of, 'AWS::SNS::Topic');
      expect(resource?.Properties.KmsMasterKeyId).toMatchObject({ 'Fn::GetAtt': [expect.stringMatching(/^AlarmTopicKey/), 'Arn'] });
      expect(ofType(of, 'AWS::SNS::Subscription')).toMatchObject([
        [expect.any(String), { Properties: { Protocol: 'email', Endpoint: 'ops@example.com' } }],
      ]);
      expect(ofType(of, 'AWS::KMS::Key').filter(([id]) => id.startsWith('AlarmTopic'))).toMatchObject([
        [expect.any(String), { Properties: { EnableKeyRotation: true } }],
      ]);
      const policies = statementsOf(of).filter(({ policy }) => policy.startsWith('AlarmTopic'));
      expect(policies).toContainEqual(
        expect.objectContaining({ effect: 'Deny', actions: ['sns:Publish'], conditions: '{"Bool":{"aws:SecureTransport":"false"}}' }),
      );
      expect(policies).toContainEqual(
        expect.objectContaining({ sid: 'AlarmsAreTold', effect: 'Allow', conditions: expect.stringContaining('aws:SourceAccount') }),
      );
      expect(shown(of)).toContain('kms:GenerateDataKey');
      for (const each of alarmsOf(of)) expect(each.AlarmActions).toEqual([{ Ref: topic }]);
    });
  });

  test.each([
    [{ topicArn: 'alarms' }, 'alarms.topicArn: it is no ARN of a topic of SNS'],
    [
      { topicArn: 'arn:aws:sns:us-east-1:111122223333:alarms' },
      'alarms.topicArn: this topic lies in us-east-1, and the stack of primary in eu-west-1',
    ],
    [{ email: 'nobody' }, 'alarms.email'],
    [{ topicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms', email: 'ops@example.com' }, 'alarms: alarms are told to a topic or to an address'],
  ])('%j is refused by its name', (alarms, message) => {
    expect(() => withSettings({ alarms }, alarmsOf)).toThrow(message);
  });
});

describe('on what functions write', () => {
  let world: HandlerWorld;
  let lines: string[];
  let meter: EmfMeter;
  const write = (text: string): void => void lines.push(text);

  /** A minute after the other, as the clock calls the function. */
  const minutes = async (count: number, canaries: ReadonlyMap<string, number> = new Map()): Promise<void> => {
    for (let n = 0; n < count; n++) {
      world.clock.advance(60_000);
      await publishGauges({ ...world.runtime, canaries }, STACK, write);
    }
  };
  const state = (id: string): string => judge(alarm(id), datapointsOf(lines), world.clock.now());
  const withWorld = async (run: () => Promise<void>, routes?: readonly RouteInput[]): Promise<void> => {
    lines = [];
    world = await HandlerWorld.create({
      ...(routes ? { routes } : {}),
      limits: { maxRetries: 1 },
      instead: ({ clock }) => {
        meter = new EmfMeter(STACK, clock, write);
        return { meter };
      },
    });
    try {
      await run();
    } finally {
      await world.dispose();
    }
  };

  test('replication-lag fires when a change waits, and ends when it is applied', () =>
    withWorld(async () => {
      await minutes(10);
      expect(state('replication-lag')).toBe('OK');
      await world.call('POST', '/events/ingest', { events: [{ op: 'PUT', key: 'a', ts: 1, srcRegion: 'primary', dstRegion: 'secondary' }] });

      await minutes(10);
      expect(state('replication-lag')).toBe('OK');
      await minutes(12);
      expect(state('replication-lag')).toBe('ALARM');
      await world.put('a', 'text');
      await world.drain();
      await minutes(1);
      expect(state('replication-lag')).toBe('OK');
    }));

  test('replication-lag fires when nobody says how far behind it is', () =>
    withWorld(async () => {
      await minutes(10);
      world.clock.advance(5 * 60_000);

      expect(state('replication-lag')).toBe('ALARM');
    }));

  test('paused-deletes fires while they are paused', () =>
    withWorld(async () => {
      await minutes(1);
      expect(state('paused-deletes')).toBe('OK');
      await world.runtime.deletes.pause(ROUTE, world.clock.now());
      await minutes(1);
      expect(state('paused-deletes')).toBe('ALARM');
      await world.call('POST', `/routes/${ROUTE}/resume`, { acceptDeletes: true });
      await minutes(1);

      expect(state('paused-deletes')).toBe('OK');
    }));

  test('late-canary fires when it does not arrive, and when none can be sent', () =>
    withWorld(async () => {
      await minutes(15, new Map([[ROUTE, 2_000]]));
      expect(state('late-canary')).toBe('OK');
      await minutes(15, new Map([[ROUTE, 1_000_000]]));
      expect(state('late-canary')).toBe('ALARM');
      await minutes(1, new Map([[ROUTE, 2_000]]));
      await minutes(15);

      expect(state('late-canary')).toBe('ALARM');
    }));

  test('late-canary fires when that of one route cannot be sent, while those of others arrive', () => {
    const canary = { everySec: 60 };
    const routes = [
      { name: 'a', from: 'primary', to: 'secondary', prefix: 'a/', canary },
      { name: 'b', from: 'primary', to: 'secondary', prefix: 'b/', canary },
    ];
    return withWorld(async () => {
      const both = new Map([
        ['a', 2_000],
        ['b', 2_000],
      ]);
      await minutes(15, both);
      expect(state('late-canary')).toBe('OK');
      await minutes(15, new Map([['a', 2_000]]));
      expect(state('late-canary')).toBe('ALARM');
      await minutes(15, both);

      expect(state('late-canary')).toBe('OK');
    }, routes);
  });

  test('differences fires on what the last comparison found, and ends with one that finds none', () =>
    withWorld(async () => {
      const { backfills, clock } = world.runtime;
      const found = async (missing: number): Promise<void> => {
        const held = await backfills.claims(ROUTE);
        const next = verified(held, { id: 'v', at: clock.now(), deep: false, counts: { ...NO_COUNTS, equal: 9, missing } });
        if (next) await backfills.putClaims(next, held.version);
      };
      await minutes(5);
      expect(state('differences')).toBe('OK');
      await found(2);
      await minutes(5);
      expect(state('differences')).toBe('ALARM');
      await found(0);
      await minutes(5);

      expect(state('differences')).toBe('OK');
    }));

  test('late-verify and late-reconcile fire when none ended well for two periods and an hour, and end when one does', () =>
    withWorld(async () => {
      const { clock } = world;
      const { backfills } = world.runtime;
      const schedules = [
        { mode: 'verify', everyMs: 86_400_000 },
        { mode: 'reconcile', everyMs: 86_400_000 },
      ] as const;
      const runtime = { ...world.runtime, schedules };
      const statesAfter = async (hours: number): Promise<readonly string[]> => {
        clock.advance(hours * 3_600_000);
        await publishGauges(runtime, STACK, write);
        return [state('late-verify'), state('late-reconcile')];
      };
      expect(await statesAfter(100)).toEqual(['OK', 'OK']);
      await expectScheduled(runtime);
      expect(await statesAfter(48)).toEqual(['OK', 'OK']);
      expect(await statesAfter(1.1)).toEqual(['ALARM', 'ALARM']);
      await noteReconciled(backfills, ROUTE, clock.now());
      expect(await statesAfter(0.1)).toEqual(['ALARM', 'OK']);
      await noteVerified(backfills, ROUTE, { id: 'v', at: clock.now(), deep: false, counts: NO_COUNTS });
      expect(await statesAfter(48.95)).toEqual(['OK', 'ALARM']);
      expect(await statesAfter(0.2)).toEqual(['ALARM', 'ALARM']);
    }));

  test('failed-deliveries fires on many failures at once', () =>
    withWorld(async () => {
      await world.put('fine', 'text');
      const keys = ['fine', ...Array.from({ length: 11 }, (_, n) => `never-there-${n}`)];
      await world.queue.send(keys.map((key) => ({ body: JSON.stringify(notification(key)) })));
      await world.drain();
      expect(state('failed-deliveries')).toBe('OK');

      meter.flush();

      expect(state('failed-deliveries')).toBe('ALARM');
      world.clock.advance(300_000);
      expect(state('failed-deliveries')).toBe('OK');
    }));
});

describe('the dashboard', () => {
  test('answers from top to bottom: healthy, how far behind, how fast, what fails, what it costs', () => {
    const [[, dashboard] = []] = ofType(resources, 'AWS::CloudWatch::Dashboard');
    const body = shown(dashboard?.Properties.DashboardBody);
    const questions = [...body.matchAll(/## ([A-Z][^?]+\?)/g)].map(([, question]) => question);

    expect(dashboard?.Properties.DashboardName).toBe(STACK);
    expect(questions).toEqual(['Is it healthy?', 'How far behind is it?', 'How fast is it?', 'What fails?', 'What does it cost?']);
  });
});
