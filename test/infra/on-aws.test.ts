/** What goes wrong on AWS and not on the emulator, in the templates of two created buckets with one route between them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsOf } from './policies.ts';
import { ofType, type Resource, type Synthesised, synthesise } from './synth.ts';

const SOURCE = 'tidemark-primary';
const DESTINATION = 'tidemark-secondary';

let made: Synthesised;
let source: Readonly<Record<string, Resource>>;

beforeAll(() => {
  made = synthesise();
  source = made.resources(SOURCE);
}, 120_000);

afterAll(() => made?.[Symbol.dispose]());

test.each([SOURCE, DESTINATION])('a deploy of %s that fails leaves nothing behind that stops the next: what is kept was there for once', (stack) => {
  const kept = Object.values(made.resources(stack)).filter(({ DeletionPolicy, Type }) => DeletionPolicy && Type !== 'AWS::DynamoDB::Table');
  const retained = kept.filter(({ DeletionPolicy }) => DeletionPolicy !== 'Delete');

  expect(retained.map(({ Type }) => Type)).toEqual(expect.arrayContaining(['AWS::S3::Bucket', 'AWS::S3::BucketPolicy']));
  for (const { DeletionPolicy } of retained) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
});

test.each([SOURCE, DESTINATION])('what outlives %s goes on refusing requests without TLS', (stack) => {
  const resources = made.resources(stack);
  const policies = Object.entries(resources).filter(
    ([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' || (Type === 'AWS::SQS::QueuePolicy' && id.startsWith('QueuesDeadLetters')),
  );

  expect(policies).toHaveLength(stack === SOURCE ? 3 : 1);
  for (const [, policy] of policies) expect(policy).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
});

test('every bucket is reached in the account that owns it, and under its name in no other', () => {
  const objects = statementsOf(source).filter(({ effect, actions: named }) => effect === 'Allow' && named.some((action) => action.startsWith('s3:')));

  expect(objects.length).toBeGreaterThan(0);
  for (const { conditions } of objects) expect(conditions).toBe('{"StringEquals":{"aws:ResourceAccount":{"Ref":"AWS::AccountId"}}}');
});

test.each([
  ['a sweep', /^Sweep/, 60],
  ['the start of comparisons', /^BackfillStep/, 900],
])('%s that fails or is throttled is left to its next turn', (_what, name, seconds) => {
  const configs = ofType(source, 'AWS::Lambda::EventInvokeConfig').map(([, { Properties }]) => Properties);

  expect(configs).toContainEqual(
    expect.objectContaining({ FunctionName: { Ref: expect.stringMatching(name) }, MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: seconds }),
  );
});

test('the access log says what was asked for, and what went wrong before a function was', () => {
  const [[, stage] = []] = ofType(source, 'AWS::ApiGatewayV2::Stage');
  const { Format } = Object(stage?.Properties.AccessLogSettings);

  expect(JSON.parse(Format)).toMatchObject({
    requestId: '$context.requestId',
    httpMethod: '$context.httpMethod',
    path: '$context.path',
    status: '$context.status',
    integrationError: '$context.integrationErrorMessage',
    authorizerError: '$context.authorizer.error',
  });
  // HTTP APIs have none: it is logged as a dash.
  expect(Format).not.toContain('resourcePath');
});
