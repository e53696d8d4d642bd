/** What must be true of the templates of two created buckets with one route between them. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { INDEXES, PARTITION, SORT, TTL } from '../../lib/adapters/dynamodb/schema.ts';
import { RegionStack } from '../../lib/infra/stacks/region-stack.ts';
import { type Statement, shown, statementsOf } from './policies.ts';
import { summary } from './summary.ts';
import { ofType, type Resource, type Synthesised, synthesise } from './synth.ts';

const SOURCE = 'tidemark-primary';
const DESTINATION = 'tidemark-secondary';
/** What an event source mapping and SQS itself add up to: SQS's own limit of receives is 1,000. */
const FEWEST_RECEIVES = 100;
/** Of every stack that a route starts in. */
const FUNCTIONS = ['replay', 'dead-letters', 'sweep', 'backfill', 'api'];
const MAX_BUNDLE_BYTES = 1_250_000;

let made: Synthesised;
let source: Readonly<Record<string, Resource>>;
let both: Readonly<Record<string, Resource>>;

beforeAll(() => {
  made = synthesise(undefined, undefined, { bundled: true });
  source = made.resources(SOURCE);
  both = { ...made.resources(DESTINATION), ...source };
}, 120_000);

afterAll(() => made?.[Symbol.dispose]());

function allowed(role: RegExp): readonly Statement[] {
  return statementsOf(source).filter(({ policy, type, effect }) => type === 'AWS::IAM::Policy' && effect === 'Allow' && role.test(policy));
}

function refOf(value: unknown): string {
  return shown(value).replaceAll(/[{}]|\.Arn/g, '');
}

test('the templates say what people have reviewed', async () => {
  await expect(summary(source)).toMatchFileSnapshot('golden/source.txt');
  await expect(summary(made.resources(DESTINATION))).toMatchFileSnapshot('golden/destination.txt');
});

describe('rules', () => {
  test('one of AwsSolutions that is broken without a reason ends the synthesis', () => {
    const open = (): Synthesised =>
      synthesise(undefined, undefined, {
        change: (app) => {
          const stack = app.node.findChild(DESTINATION);
          if (stack instanceof RegionStack) new CfnBucket(stack, 'Open');
        },
      });

    expect(open).toThrow('AwsSolutions-S10');
  });

  test('nothing is made by code that runs while it is deployed', () => {
    const kinds = Object.values(both).map(({ Type }) => Type);

    expect(kinds.filter((kind) => /^Custom::|CustomResource/.test(kind))).toEqual([]);
  });
});

describe('queues', () => {
  const mappings = (): readonly Readonly<Record<string, unknown>>[] =>
    ofType(source, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

  test('each gives its messages to a function in batches that are answered message by message', () => {
    expect(mappings()).toHaveLength(3);
    for (const mapping of mappings()) {
      expect(mapping).toMatchObject({ FunctionResponseTypes: ['ReportBatchItemFailures'], BatchSize: 10 });
      expect(mapping.ScalingConfig).toEqual({ MaximumConcurrency: expect.any(Number) });
    }
  });

  test('a message stays invisible for six times as long as its function may take', () => {
    for (const { EventSourceArn, FunctionName } of mappings()) {
      const { VisibilityTimeout } = source[refOf(EventSourceArn)]?.Properties ?? {};
      const { Timeout } = source[refOf(FunctionName)]?.Properties ?? {};

      expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(6 * Number(Timeout));
    }
  });

  test.each([
    ['Events', 'Abandoned'],
    ['Work', 'Abandoned'],
    ['Abandoned', 'DeadLetters'],
  ])('what %s gives up goes to %s, long after the protocol gave up', (from, to) => {
    const [[, queue] = []] = ofType(source, 'AWS::SQS::Queue').filter(([id]) => id.startsWith(`Queues${from}`));

    expect(queue?.Properties.RedrivePolicy).toEqual({
      deadLetterTargetArn: { 'Fn::GetAtt': [expect.stringMatching(new RegExp(`^Queues${to}`)), 'Arn'] },
      maxReceiveCount: expect.toSatisfy((count: number) => count >= FEWEST_RECEIVES),
    });
  });

  test('nothing takes from the dead letters but a redrive: in flight, they would not be found by it', () => {
    const sources = mappings().map(({ EventSourceArn }) => refOf(EventSourceArn));

    expect(sources).toEqual(expect.arrayContaining([expect.stringMatching(/^QueuesEvents/), expect.stringMatching(/^QueuesWork/)]));
    expect(sources.filter((name) => name.startsWith('QueuesDeadLetters'))).toEqual([]);
  });

  test('no function has a concurrency of its own, which would send throttled messages to the dead letters', () => {
    for (const [, { Properties }] of ofType(source, 'AWS::Lambda::Function')) expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('S3 may send to the events queue alone, for this bucket of this account', () => {
    const senders = statementsOf(source).filter(({ type, effect }) => type === 'AWS::SQS::QueuePolicy' && effect === 'Allow');

    expect(senders).toMatchObject([
      {
        actions: ['sqs:SendMessage'],
        resources: [expect.stringMatching(/^\{QueuesEvents/)],
        conditions: expect.stringMatching(/aws:SourceArn.*:s3:::acme-primary.*aws:SourceAccount/),
      },
    ]);
  });

  test('the bucket tells of every change, once it may', () => {
    const [[, bucket] = []] = ofType(source, 'AWS::S3::Bucket');
    const { QueueConfigurations } = Object(bucket?.Properties.NotificationConfiguration);

    expect(QueueConfigurations.map(({ Event }: { readonly Event: string }) => Event)).toEqual([
      's3:ObjectCreated:*',
      's3:ObjectRemoved:*',
      's3:LifecycleExpiration:*',
      's3:ObjectTagging:*',
      's3:ObjectRestore:Completed',
    ]);
    expect(bucket?.DependsOn).toEqual([expect.stringMatching(/^QueuesEventsPolicy/)]);
  });
});

describe('data', () => {
  test('buckets are versioned, encrypted and closed to the public', () => {
    const buckets = ofType(both, 'AWS::S3::Bucket').concat(ofType(made.resources(DESTINATION), 'AWS::S3::Bucket'));

    expect(buckets.length).toBeGreaterThan(0);
    for (const [id, { Properties }] of buckets) {
      // A report is written once, and signed.
      if (!id.startsWith('Reports')) expect(Properties).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
      expect(Properties).toMatchObject({
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true },
      });
    }
  });

  test('queues are encrypted', () => {
    for (const [, { Properties }] of ofType(source, 'AWS::SQS::Queue')) expect(Properties).toHaveProperty('SqsManagedSseEnabled', true);
  });

  test.each([SOURCE, DESTINATION])('every bucket and queue of %s refuses requests without TLS', (stack) => {
    const resources = made.resources(stack);
    const holders = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::S3::Bucket' || Type === 'AWS::SQS::Queue');
    const denials = statementsOf(resources).filter(
      ({ effect, conditions }) => effect === 'Deny' && conditions === '{"Bool":{"aws:SecureTransport":"false"}}',
    );

    expect(holders.length).toBeGreaterThan(0);
    for (const [id] of holders) {
      const denial = denials.find(({ resources: named }) => named.includes(`{${id}.Arn}`));
      expect(denial?.actions).toEqual([expect.stringMatching(/^(s3|sqs):\*$/)]);
    }
  });

  test('buckets, the table and the dead letters outlive their stack', () => {
    const [dead = ''] = Object.keys(source).filter((id) => /^QueuesDeadLetters[0-9A-F]{8}$/.test(id));
    const kept = [source[dead], ...Object.values(both).filter(({ Type }) => Type === 'AWS::S3::Bucket' || Type === 'AWS::DynamoDB::Table')];

    expect(kept.length).toBeGreaterThanOrEqual(3);
    for (const resource of kept) expect(resource).toMatchObject({ DeletionPolicy: expect.stringMatching(/^Retain/), UpdateReplacePolicy: 'Retain' });
  });

  test('the table is the one that its adapter knows', () => {
    const [[, table] = []] = ofType(source, 'AWS::DynamoDB::Table');

    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: TTL, Enabled: true },
      KeySchema: [
        { AttributeName: PARTITION, KeyType: 'HASH' },
        { AttributeName: SORT, KeyType: 'RANGE' },
      ],
    });
    expect(table?.Properties.AttributeDefinitions).toEqual(
      expect.arrayContaining([
        { AttributeName: PARTITION, AttributeType: 'S' },
        { AttributeName: SORT, AttributeType: 'B' },
        ...Object.values(INDEXES).flatMap(({ shard, at }) => [
          { AttributeName: shard, AttributeType: 'S' },
          { AttributeName: at, AttributeType: 'N' },
        ]),
      ]),
    );
    expect(table?.Properties.GlobalSecondaryIndexes).toEqual(
      Object.values(INDEXES).map(({ name, shard, at, include }) => ({
        IndexName: name,
        KeySchema: [
          { AttributeName: shard, KeyType: 'HASH' },
          { AttributeName: at, KeyType: 'RANGE' },
        ],
        Projection: include.length === 0 ? { ProjectionType: 'KEYS_ONLY' } : { ProjectionType: 'INCLUDE', NonKeyAttributes: include },
      })),
    );
  });
});

describe('access', () => {
  test('no action is a wildcard', () => {
    const actions = statementsOf(both).flatMap(({ effect, actions: named }) => (effect === 'Allow' ? named : []));

    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
  });

  test('no resource is a wildcard but the objects of the two buckets, reports, executions of the one workflow, and metrics, which have no name', () => {
    const unnamed = statementsOf(both).filter(({ effect, resources: named }) => effect === 'Allow' && named.includes('*'));
    expect(unnamed).toMatchObject([{ sid: 'TellAges', actions: ['cloudwatch:GetMetricData'] }]);

    const resources = statementsOf(both).flatMap(({ effect, resources: named }) => (effect === 'Allow' ? named : []));

    expect(new Set(resources.filter((resource) => resource.includes('*')))).toEqual(
      new Set([
        '*',
        'arn:{AWS::Partition}:states:eu-west-1:{AWS::AccountId}:execution:tidemark-primary-backfill:*',
        'arn:{AWS::Partition}:s3:::acme-primary/*',
        'arn:{AWS::Partition}:s3:::acme-secondary/*',
        expect.stringMatching(/^\{ReportsBucket\w+\.Arn\}\/\*$/),
        ...['acme-primary', 'acme-secondary'].flatMap((bucket) => [
          `arn:{AWS::Partition}:s3:::${bucket}/.tidemark-probe/*`,
          `arn:{AWS::Partition}:s3:::${bucket}//.tidemark-probe/*`,
        ]),
      ]),
    );
  });

  test.each([/^ReplayRole/, /^ApiHandlerRole/])('%s writes at the source nothing but probes, and removes no version of an object', (role) => {
    const statements = allowed(role);
    const writing = statements.filter(({ actions }) => actions.some((action) => /^s3:(Put|Delete)/.test(action)));

    expect(writing.length).toBeGreaterThan(0);
    for (const { resources } of writing) {
      expect(resources.filter((resource) => resource.includes('acme-primary')).every((resource) => resource.includes('.tidemark-probe/'))).toBe(true);
    }
    const removing = statements.filter(({ actions }) => actions.includes('s3:DeleteObjectVersion')).flatMap(({ resources }) => resources);
    expect(removing.every((resource) => resource.includes('.tidemark-probe/'))).toBe(true);
  });

  test('BackfillStep writes no object but probes and reports: it lists and compares', () => {
    const written = allowed(/^BackfillStep/).filter(({ actions }) => actions.some((action) => /^s3:(Put|Delete)Object/.test(action)));

    expect(written.length).toBeGreaterThan(0);
    for (const resource of written.flatMap(({ resources }) => resources)) expect(resource).toMatch(/\.tidemark-probe\/|^\{ReportsBucket/);
  });

  test('BackfillStep alone signs reports, with the one key', () => {
    const signing = statementsOf(both).filter(
      ({ effect, type, actions }) => effect === 'Allow' && type === 'AWS::IAM::Policy' && actions.includes('kms:Sign'),
    );

    expect(signing).toMatchObject([
      {
        policy: expect.stringMatching(/^BackfillStep/),
        resources: [expect.stringMatching(/^\{ReportsKey/)],
      },
    ]);
    expect(ofType(source, 'AWS::KMS::Key')).toMatchObject([
      [expect.any(String), { DeletionPolicy: 'RetainExceptOnCreate', Properties: { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } }],
    ]);
  });

  test('the workflow calls its one function, and runs nothing but itself', () => {
    const statements = allowed(/^BackfillRole/);

    expect(statements.flatMap(({ actions }) => actions).sort()).toEqual([
      'lambda:InvokeFunction',
      'states:DescribeExecution',
      'states:StartExecution',
      'states:StopExecution',
    ]);
    const named = statements.flatMap(({ resources }) => resources);
    expect(named).toEqual([
      expect.stringMatching(/^\{BackfillStepFunction/),
      expect.stringMatching(/:stateMachine:tidemark-primary-backfill$/),
      expect.stringMatching(/:execution:tidemark-primary-backfill:\*$/),
    ]);
  });

  test.each([/^DeadLetters/, /^Sweep/])('%s reaches no object', (role) => {
    const actions = allowed(role).flatMap(({ actions: named }) => named);

    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => action.startsWith('s3:'))).toEqual([]);
  });

  test('no request is answered that IAM has not let through', () => {
    const routes = ofType(source, 'AWS::ApiGatewayV2::Route');

    expect(routes.map(([, { Properties }]) => Properties.AuthorizationType)).toEqual(['AWS_IAM']);
  });
});

describe('functions', () => {
  test('each runs on Node 24 and ARM, and keeps its log for a while', () => {
    const functions = ofType(source, 'AWS::Lambda::Function');

    expect(functions).toHaveLength(FUNCTIONS.length);
    for (const [, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], LoggingConfig: { LogGroup: { Ref: expect.any(String) } } });
    }
    for (const [, { Properties }] of ofType(source, 'AWS::Logs::LogGroup')) expect(Properties).toHaveProperty('RetentionInDays', 30);
  });

  test('the replay function alone may cause calls of itself without end: its looks are bounded by the protocol', () => {
    const loops = ofType(source, 'AWS::Lambda::Function').filter(([, { Properties }]) => Properties.RecursiveLoop === 'Allow');

    expect(loops.map(([id]) => id)).toEqual([expect.stringMatching(/^Replay/)]);
  });

  test.each(FUNCTIONS)('the bundle of %s is below 1.25 MB, and its source map stays at home', (name) => {
    const folder = join(made.directory, 'bundles', name);

    expect(readdirSync(folder)).toEqual(['index.mjs']);
    expect(statSync(join(folder, 'index.mjs')).size).toBeLessThan(MAX_BUNDLE_BYTES);
    expect(statSync(join(made.directory, 'bundles', `${name}.mjs.map`)).size).toBeGreaterThan(0);
  });
});
