/** A bidirectional route on AWS: the other region's bucket is heard where the route starts. */
import { describe, expect, test } from 'vitest';
import type { TidemarkInput } from '../../lib/config/define.ts';
import { statementsOf } from './policies.ts';
import { summary } from './summary.ts';
import { ofType, PAIR, type Resource, synthesise } from './synth.ts';

const HOME = 'tidemark-primary';
const AWAY = 'tidemark-secondary';
const BOTH: TidemarkInput = { ...PAIR, routes: [{ from: 'primary', to: 'secondary', prefix: 'shared/', bidirectional: true }] };

const properties = (resources: Readonly<Record<string, Resource>>, type: string): readonly Readonly<Record<string, unknown>>[] =>
  ofType(resources, type).map(([, { Properties }]) => Properties);

describe('the other region', () => {
  test('tells a topic of its own of what is written below the prefix, and works nothing off', () => {
    using made = synthesise(BOTH);
    const resources = made.resources(AWAY);

    const [bucket] = properties(resources, 'AWS::S3::Bucket');
    expect(bucket?.NotificationConfiguration).toMatchObject({
      TopicConfigurations: expect.arrayContaining([
        expect.objectContaining({ Event: 's3:ObjectCreated:*', Filter: { S3Key: { Rules: [{ Name: 'prefix', Value: 'shared/' }] } } }),
      ]),
    });
    expect(ofType(resources, 'AWS::Lambda::Function')).toEqual([]);
    expect(ofType(resources, 'AWS::DynamoDB::Table')).toEqual([]);
    expect(properties(resources, 'AWS::SNS::Topic')).toMatchObject([{ TopicName: 'tidemark-secondary-changes' }]);
  });

  test('says what people have reviewed', async () => {
    using made = synthesise(BOTH);
    await expect(summary(made.resources(AWAY))).toMatchFileSnapshot('golden/bidirectional-away.txt');
  });

  test('lets S3 publish for its bucket alone, and nobody without TLS', () => {
    using made = synthesise(BOTH);
    const statements = statementsOf(made.resources(AWAY)).filter(({ type }) => type === 'AWS::SNS::TopicPolicy');

    expect(statements.filter(({ effect }) => effect === 'Allow')).toMatchObject([
      { sid: 'StoreTellsOfChanges', actions: ['sns:Publish'], conditions: expect.stringContaining(':s3:::acme-secondary') },
    ]);
    expect(statements.filter(({ effect }) => effect === 'Deny')).toMatchObject([{ conditions: '{"Bool":{"aws:SecureTransport":"false"}}' }]);
  });

  test('whose bucket exists tells by EventBridge, and has a stack for that alone', () => {
    using made = synthesise({
      regions: { ...BOTH.regions, secondary: { bucket: { existing: 'acme-secondary' }, awsRegion: 'us-east-1' } },
      routes: BOTH.routes,
    });
    const resources = made.resources(AWAY);

    expect(ofType(resources, 'AWS::S3::Bucket')).toEqual([]);
    expect(properties(resources, 'AWS::Events::Rule')).toMatchObject([
      { EventPattern: { detail: { bucket: { name: ['acme-secondary'] }, object: { key: [{ prefix: 'shared/' }] } } } },
    ]);
  });

  test('cannot tell a queue of its own', () => {
    const input: TidemarkInput = {
      regions: { ...BOTH.regions, secondary: { bucket: { existing: 'acme-secondary' }, awsRegion: 'us-east-1' } },
      routes: BOTH.routes,
    };
    expect(() => synthesise(input, { buckets: { secondary: { events: 'sqs' } } })).toThrow(/buckets.secondary.events: .* Leave it out/);
  });
});

describe('the region where the route starts', () => {
  test('hears the topic in its events queue, word for word, and no other topic', () => {
    using made = synthesise(BOTH);
    const resources = made.resources(HOME);

    expect(properties(resources, 'AWS::SNS::Subscription')).toMatchObject([{ Protocol: 'sqs', RawMessageDelivery: true, Region: 'us-east-1' }]);
    const senders = statementsOf(resources).filter(({ type, effect }) => type === 'AWS::SQS::QueuePolicy' && effect === 'Allow');
    expect(senders.map(({ conditions }) => conditions)).toEqual([
      expect.stringContaining(':s3:::acme-primary'),
      expect.stringMatching(/^\{"ArnEquals":\{"aws:SourceArn":.*:sns:us-east-1:.*:tidemark-secondary-changes/),
    ]);
  });

  test('may read and write at both ends, below the prefix alone, and its API reads former versions', () => {
    using made = synthesise(BOTH);
    const statements = statementsOf(made.resources(HOME));
    const of = (policy: string, sid: string): readonly string[] =>
      statements
        .filter((each) => each.policy.startsWith(policy) && each.sid === sid)
        .flatMap(({ resources }) => resources.map((name) => name.split(':::')[1] ?? ''));
    const ends = ['acme-primary/shared/*', 'acme-secondary/shared/*'];

    for (const sid of ['ReadSource', 'WriteDestinations', 'RemoveAtDestinations']) expect(of('Replay', sid).toSorted(), sid).toEqual(ends);
    expect(of('Api', 'RestoreVersions')).toEqual(ends);
    expect(of('Replay', 'RestoreVersions')).toEqual([]);
  });

  test('in the middle of a chain, its bucket tells both what it starts and what ends in it', () => {
    using made = synthesise({
      regions: { ...PAIR.regions, third: { bucket: { create: 'acme-third' }, awsRegion: 'us-west-2' } },
      routes: [
        { from: 'primary', to: 'secondary', bidirectional: true },
        { from: 'secondary', to: 'third' },
      ],
    });
    const resources = made.resources(AWAY);

    const [bucket] = properties(resources, 'AWS::S3::Bucket');
    expect(bucket?.NotificationConfiguration).not.toHaveProperty('QueueConfigurations');
    expect(properties(resources, 'AWS::SNS::Subscription')).toMatchObject([{ Protocol: 'sqs', Endpoint: expect.anything() }]);
    expect(properties(made.resources(HOME), 'AWS::SNS::Subscription')).toHaveLength(1);
  });
});

test('pairs that start in each other’s regions are refused', () => {
  expect(() =>
    synthesise({
      ...PAIR,
      routes: [
        { from: 'primary', to: 'secondary', prefix: 'a/', bidirectional: true },
        { from: 'secondary', to: 'primary', prefix: 'b/', bidirectional: true },
      ],
    }),
  ).toThrow(/Let secondary-primary be from primary to secondary/);
});
