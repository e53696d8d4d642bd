/** What the configuration changes in the templates. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TidemarkInput } from '../../lib/config/define.ts';
import { statementsOf } from './policies.ts';
import { ofType, PAIR, type Synthesised, synthesise } from './synth.ts';

const SOURCE = 'tidemark-primary';
const EXISTING: TidemarkInput = {
  regions: {
    primary: { bucket: { existing: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { existing: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', prefix: 'in/', deletes: false }],
};
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

describe('buckets that exist', () => {
  test('nothing of theirs is written: a rule of EventBridge tells of the keys below the prefix', () => {
    using made = synthesise(EXISTING);
    const resources = made.resources(SOURCE);

    const buckets = Object.entries(resources).filter(([, { Type }]) => Type.startsWith('AWS::S3::'));
    expect(buckets.filter(([id]) => !id.startsWith('Reports'))).toEqual([]);
    const rules = ofType(resources, 'AWS::Events::Rule').map(([, { Properties }]) => Properties);
    expect(rules).toContainEqual(
      expect.objectContaining({
        EventPattern: expect.objectContaining({
          source: ['aws.s3'],
          detail: { bucket: { name: ['acme-primary'] }, object: { key: [{ prefix: 'in/' }] } },
        }),
        Targets: [expect.objectContaining({ DeadLetterConfig: expect.anything() })],
      }),
    );
  });

  test('a destination where nothing is made has no stack', () => {
    using made = synthesise(EXISTING);

    expect(existsSync(join(made.directory, 'tidemark-secondary.template.json'))).toBe(false);
  });

  test("another account's bucket may send to the events queue when its owner tells it to", () => {
    using made = synthesise(EXISTING, { buckets: { primary: { events: 'sqs', account: '444455556666' } } });
    const resources = made.resources(SOURCE);

    const senders = statementsOf(resources).filter(({ type, effect }) => type === 'AWS::SQS::QueuePolicy' && effect === 'Allow');
    expect(senders).toMatchObject([{ sid: 'StoreTellsOfChanges', conditions: expect.stringContaining('"aws:SourceAccount":"444455556666"') }]);
    expect(ofType(resources, 'AWS::Events::Rule').filter(([, { Properties }]) => 'EventPattern' in Properties)).toEqual([]);
  });

  test("another account's bucket is reached in that account alone, and one's own in one's own", () => {
    using made = synthesise(EXISTING, { buckets: { secondary: { account: '444455556666' } } });
    const statements = statementsOf(made.resources(SOURCE)).filter(({ policy, sid }) => policy.startsWith('Replay') && sid !== '–');
    const owners = statements
      .filter(({ actions }) => actions.some((action) => action.startsWith('s3:')))
      .map(({ sid, resources, conditions }) => [sid, new Set(resources.map((name) => name.split(':::')[1]?.split('/')[0])), conditions] as const);

    const [own, other] = ['{"Ref":"AWS::AccountId"}', '"444455556666"'].map((account) => `{"StringEquals":{"aws:ResourceAccount":${account}}}`);
    expect(owners).toEqual([
      ['ReadSource', new Set(['acme-primary']), own],
      ['WriteDestinations444455556666', new Set(['acme-secondary']), other],
      ['LookAtBuckets', new Set(['acme-primary']), own],
      ['LookAtBuckets444455556666', new Set(['acme-secondary']), other],
      ['ProbeBuckets', new Set(['acme-primary']), own],
      ['ProbeBuckets444455556666', new Set(['acme-secondary']), other],
    ]);
  });
});

describe('stacks', () => {
  const dependenciesOf = (made: Synthesised, stack: string): readonly string[] => {
    const manifest: { readonly artifacts: Readonly<Record<string, { readonly dependencies?: readonly string[] }>> } = JSON.parse(
      readFileSync(join(made.directory, 'manifest.json'), 'utf8'),
    );
    return (manifest.artifacts[stack]?.dependencies ?? []).filter((name) => !name.endsWith('.assets'));
  };

  test('destinations are made before what copies to them', () => {
    using made = synthesise();

    expect(dependenciesOf(made, SOURCE)).toEqual(['tidemark-secondary']);
    expect(dependenciesOf(made, 'tidemark-secondary')).toEqual([]);
  });

  test('routes of disjoint prefixes may lead both ways', () => {
    using made = synthesise({
      ...PAIR,
      routes: [
        { from: 'primary', to: 'secondary', prefix: 'out/' },
        { from: 'secondary', to: 'primary', prefix: 'back/' },
      ],
    });

    expect([dependenciesOf(made, SOURCE), dependenciesOf(made, 'tidemark-secondary')].flat()).toHaveLength(1);
  });
});

describe('routes', () => {
  test('below a prefix, no other object is reached; without deletes, none is removed', () => {
    using made = synthesise(EXISTING);
    const statements = statementsOf(made.resources(SOURCE)).filter(({ type }) => type === 'AWS::IAM::Policy');

    const objects = statements.filter(({ sid }) => sid === 'ReadSource' || sid === 'WriteDestinations').flatMap(({ resources }) => resources);
    expect(new Set(objects)).toEqual(new Set(['arn:{AWS::Partition}:s3:::acme-primary/in/*', 'arn:{AWS::Partition}:s3:::acme-secondary/in/*']));
    const removing = statements.filter(({ actions }) => actions.includes('s3:DeleteObject')).flatMap(({ resources }) => resources);
    expect(removing.length).toBeGreaterThan(0);
    expect(removing.filter((resource) => !resource.includes('.tidemark-probe/'))).toEqual([]);
  });

  test('a character of a prefix that IAM takes for a wildcard means itself', () => {
    using made = synthesise({ ...PAIR, routes: [{ from: 'primary', to: 'secondary', prefix: 'a*?$[b], c/' }] });
    const [read] = statementsOf(made.resources(SOURCE)).filter(({ sid }) => sid === 'ReadSource');

    expect(read?.resources).toEqual([`arn:{AWS::Partition}:s3:::acme-primary/a\${*}\${?}\${$}[b],?c/*`]);
  });

  test('with overrides, what is written lies below the destination prefix, and its key is used through the S3 of its region alone', () => {
    const kmsKeyArn = KEY.replace('eu-west-1', 'us-east-1');
    const route = { from: 'primary', to: 'secondary', prefix: 'in/', destinationPrefix: 'copies/', storageClass: 'STANDARD_IA', kmsKeyArn };
    using made = synthesise({ ...EXISTING, routes: [route] });
    const statements = statementsOf(made.resources(SOURCE)).filter(({ type }) => type === 'AWS::IAM::Policy');

    const reached = (sid: string): ReadonlySet<string> =>
      new Set(statements.filter((statement) => statement.sid === sid).flatMap(({ resources }) => resources));
    expect(reached('ReadSource')).toEqual(new Set(['arn:{AWS::Partition}:s3:::acme-primary/in/*']));
    expect(reached('WriteDestinations')).toEqual(new Set(['arn:{AWS::Partition}:s3:::acme-secondary/copies/in/*']));
    expect(reached('RemoveAtDestinations')).toEqual(new Set(['arn:{AWS::Partition}:s3:::acme-secondary/copies/in/*']));
    const keyed = statements.filter(({ actions }) => actions.includes('kms:Decrypt'));
    expect(keyed.map(({ policy }) => policy.replace(/Role.*/, ''))).toEqual(['Replay', 'BackfillStep', 'ApiHandler']);
    for (const { actions, resources, conditions } of keyed) {
      expect({ actions, resources }).toEqual({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [kmsKeyArn] });
      expect(conditions).toBe('{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}');
    }
  });

  test('one that leads from AWS to elsewhere is refused, with what to do', () => {
    const folder: TidemarkInput = { ...PAIR, regions: { ...PAIR.regions, secondary: { folder: './data' } } };

    expect(() => synthesise(folder)).toThrow(/primary-secondary leads from AWS to secondary, which is not on AWS\. Let the embedded host/);
  });

  test('so many that a function could not be told of them are refused before anything is deployed', () => {
    const routes = Array.from({ length: 40 }, (_, index) => ({
      from: 'primary',
      to: 'secondary',
      name: `route-${index}`,
      prefix: `prefix-${index}/`,
    }));

    expect(() => synthesise({ ...PAIR, routes })).toThrow(/routes: those of one region take \d+ bytes/);
  });
});

describe('settings', () => {
  test('a key of KMS is used through S3 alone, by those who reach objects', () => {
    using made = synthesise(PAIR, { buckets: { primary: { kmsKeyArn: KEY } } });
    const resources = made.resources(SOURCE);

    const keyed = statementsOf(resources).filter(({ actions }) => actions.includes('kms:Decrypt'));
    expect(keyed.map(({ policy }) => policy.replace(/Role.*/, ''))).toEqual(['Replay', 'BackfillStep', 'ApiHandler']);
    for (const { actions, resources: named, conditions } of keyed) {
      expect({ actions, named }).toEqual({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], named: [KEY] });
      expect(conditions).toBe('{"StringEquals":{"kms:ViaService":"s3.eu-west-1.amazonaws.com"}}');
    }
    expect(ofType(resources, 'AWS::S3::Bucket').filter(([id]) => !id.startsWith('Reports'))).toMatchObject([
      [
        expect.any(String),
        {
          Properties: {
            BucketEncryption: {
              ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { KMSMasterKeyID: KEY } }],
            },
          },
        },
      ],
    ]);
  });

  test('with tokens instead of signatures, no path of the API is open either', () => {
    using made = synthesise(PAIR, { jwt: { issuer: 'https://issuer.example.com', audience: ['tidemark'] } });
    const resources = made.resources(SOURCE);

    expect(ofType(resources, 'AWS::ApiGatewayV2::Route').map(([, { Properties }]) => Properties.AuthorizationType)).toEqual(['JWT']);
    expect(ofType(resources, 'AWS::ApiGatewayV2::Authorizer')).toMatchObject([
      [expect.any(String), { Properties: { JwtConfiguration: { Audience: ['tidemark'], Issuer: 'https://issuer.example.com' } } }],
    ]);
  });

  test('tracing is granted where it is asked for, and nowhere else', () => {
    using made = synthesise(PAIR, { tracing: true });
    const tracing = statementsOf(made.resources(SOURCE)).filter(({ actions }) => actions.some((action) => action.startsWith('xray:')));

    // Five functions, and the workflow.
    expect(tracing).toHaveLength(6);
  });

  test.each([
    [{ replay: { batchSize: 11 } }, 'replay.batchSize: expected at most 10'],
    [{ logRetentionDays: 8 }, 'logRetentionDays: CloudWatch keeps logs for other lengths of time'],
    [{ buckets: { elsewhere: {} } }, 'buckets.elsewhere: there is no such region'],
    [{ buckets: { primary: { kmsKeyArn: 'alias/mine' } } }, 'buckets.primary.kmsKeyArn: this is no ARN of a KMS key'],
    [{ jwt: { issuer: 'http://plain.example.com', audience: ['x'] } }, 'jwt.issuer'],
  ])('%j is refused by the name of the field', (aws, message) => {
    expect(() => synthesise(PAIR, aws)).toThrow(message);
  });
});
