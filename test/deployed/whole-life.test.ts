/** An app from its first deploy to its end: what an upgrade and a teardown leave. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { Outputs } from '../../lib/infra/commands/cdk.ts';
import { App } from './app.ts';
import { describeDeployed, PATIENCE } from './client.ts';
import { DESTINATION_REGION, SOURCE_REGION } from './deployment.ts';
import { Side } from './side.ts';

const BUCKETS = { source: 'tidemark-life-primary', destination: 'tidemark-life-secondary' };
const DEPLOYS = 240_000;

function inputOf(buckets: 'create' | 'existing', maxRetries: number): TidemarkInput {
  const bucket = (name: string): { create: string } | { existing: string } => (buckets === 'create' ? { create: name } : { existing: name });
  return {
    name: 'life',
    regions: {
      primary: { bucket: bucket(BUCKETS.source), awsRegion: SOURCE_REGION },
      secondary: { bucket: bucket(BUCKETS.destination), awsRegion: DESTINATION_REGION },
    },
    routes: [{ from: 'primary', to: 'secondary' }],
    limits: { maxRetries },
  };
}

describeDeployed('an app', () => {
  const deployment = inject('deployment');
  let folder: string;
  let app: App;
  let outputs: Outputs;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-life-'));
    if (deployment) app = new App(folder, { ...deployment, region: SOURCE_REGION });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const client = () => ({ endpoint: deployment?.endpoint ?? '', credentials: { accessKeyId: '', secretAccessKey: '', ...deployment?.credentials } });
  const side = (region: string, bucket: string): Side => new Side(new S3Client({ ...client(), region, forcePathStyle: true }), bucket);
  const source = (): Side => side(SOURCE_REGION, BUCKETS.source);
  const destination = (): Side => side(DESTINATION_REGION, BUCKETS.destination);
  const output = (name: string): string => outputs['life-primary']?.[name] ?? '';
  const sqs = (): SQSClient => new SQSClient({ ...client(), region: SOURCE_REGION });
  const records = async (): Promise<readonly string[]> => {
    const dynamo = new DynamoDBClient({ ...client(), region: SOURCE_REGION });
    const { Items = [] } = await dynamo.send(new ScanCommand({ TableName: output('TableName') }));
    return Items.flatMap(({ pk, sk }) => (pk?.S?.startsWith('r#') ? [Buffer.from(sk?.B ?? []).toString()] : [])).toSorted();
  };
  async function copied(key: string): Promise<void> {
    await source().put(key, `of ${key}`);
    await expect.poll(() => destination().text(key), PATIENCE).toBe(`of ${key}`);
  }

  it('is upgraded without losing what it knows', { timeout: DEPLOYS }, async () => {
    ({ outputs } = await app.deploy(inputOf('create', 5)));
    await copied('before');

    const upgraded = await app.deploy(inputOf('create', 7));

    expect(upgraded.outputs).toEqual(outputs);
    await copied('after');
    await expect.poll(records, PATIENCE).toEqual(['after', 'before']);
  });

  it('is destroyed and leaves its data, and says where it is', { timeout: DEPLOYS }, async () => {
    await sqs().send(new SendMessageCommand({ QueueUrl: output('DeadLetterUrl'), MessageBody: 'dead' }));

    const printed = await app.destroy();

    for (const kept of [BUCKETS.source, BUCKETS.destination, output('TableName'), output('DeadLetterUrl')]) expect(printed).toContain(kept);
    expect(await source().text('before')).toBe('of before');
    expect(await destination().text('after')).toBe('of after');
    expect(await records()).toEqual(['after', 'before']);
    const dead = new GetQueueAttributesCommand({ QueueUrl: output('DeadLetterUrl'), AttributeNames: ['ApproximateNumberOfMessages'] });
    expect((await sqs().send(dead)).Attributes).toEqual({ ApproximateNumberOfMessages: '1' });
    const events = new GetQueueAttributesCommand({ QueueUrl: output('EventsQueueUrl'), AttributeNames: ['QueueArn'] });
    await expect(sqs().send(events)).rejects.toThrow();
  });

  it('is deployed again over the buckets that stayed', { timeout: DEPLOYS }, async () => {
    const again = await app.deploy(inputOf('existing', 5));

    expect(again.outputs['life-primary']).toMatchObject({ BucketName: BUCKETS.source, ApiUrl: expect.stringMatching(/^https:/) });
    expect(await destination().text('after')).toBe('of after');
  });
});
