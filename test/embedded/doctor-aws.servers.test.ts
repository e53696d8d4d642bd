/** What the doctor finds on AWS, where it looks at a stack's queue and at whom the bucket tells: on the emulator, with exactly one thing broken. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CreateBucketCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { examine } from '../../lib/cli/doctor/examine.ts';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { Finding } from '../../lib/usecases/doctor/finding.ts';
import { type Emulator, emulatorAvailable, startEmulator } from '../fixtures/emulator.ts';
import { wrong } from './findings.ts';

const ALL = ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const];
const BUCKETS = { primary: 'doctor-primary', secondary: 'doctor-secondary' };
const CONFIG: TidemarkInput = {
  name: 'doctor',
  regions: {
    primary: { bucket: { existing: BUCKETS.primary }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { existing: BUCKETS.secondary }, awsRegion: 'eu-west-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', prefix: 'in/' }],
};

describe.skipIf(!emulatorAvailable())('the doctor on a stack', () => {
  let emulator: Emulator;
  let directory: string;
  let s3: S3Client;
  let sqs: SQSClient;
  const queues = { events: '', work: '', dead: '', others: '' };
  const arns = { ...queues };

  beforeAll(async () => {
    emulator = await startEmulator();
    const { endpoint, credentials } = emulator.client;
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint);
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    s3 = new S3Client({ ...emulator.client, forcePathStyle: true });
    sqs = new SQSClient(emulator.client);
    for (const name of Object.keys(queues) as (keyof typeof queues)[]) {
      queues[name] = (await sqs.send(new CreateQueueCommand({ QueueName: `doctor-${name}` }))).QueueUrl ?? '';
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queues[name], AttributeNames: ['QueueArn'] }));
      arns[name] = Attributes?.QueueArn ?? '';
    }
    for (const Bucket of Object.values(BUCKETS)) {
      await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }));
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    }
    await deploy();
    directory = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
    await writeFile(join(directory, 'tidemark.config.ts'), `export default ${JSON.stringify(CONFIG)};\n`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await emulator.stop();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    for (const name of ['events', 'work'] as const) await redrive(name, JSON.stringify({ deadLetterTargetArn: arns.dead, maxReceiveCount: 120 }));
    await notify({ QueueConfigurations: [{ QueueArn: arns.events, Events: ALL }] });
  });
  afterEach(() => vi.unstubAllGlobals());

  it('finds nothing wrong where nothing is', async () => {
    expect(wrong(await examined())).toEqual([]);
  });

  it('finds a queue without a redrive policy', async () => {
    await redrive('work', '');

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'NO_REDRIVE', subject: 'queue work of doctor-primary' }]);
  });

  it('finds that the bucket tells the queue nothing', async () => {
    await notify({});

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'NOTIFICATION_MISSING', subject: 'region primary' }]);
  });

  it('takes EventBridge for telling', async () => {
    await notify({ EventBridgeConfiguration: {} });

    expect(wrong(await examined())).toEqual([]);
  });

  it('finds that the bucket tells of other keys than the route carries', async () => {
    await notify({ QueueConfigurations: [{ QueueArn: arns.events, Events: ALL, Filter: prefixed('out/') }] });

    expect(wrong(await examined())).toEqual([{ level: 'error', code: 'NOTIFICATION_MISSING', subject: 'region primary' }]);
  });

  it("finds someone else's rule in the way of ours", async () => {
    await notify({ QueueConfigurations: [{ QueueArn: arns.others, Events: ['s3:ObjectCreated:Put'], Filter: prefixed('in/a') }] });

    const found = await examined();

    expect(wrong(found)).toEqual([{ level: 'error', code: 'NOTIFICATION_OVERLAP', subject: 'region primary' }]);
    expect(found.find(({ level }) => level === 'error')?.fix).toContain('EventBridge');
  });

  it('finds two rules of ours that tell of the same', async () => {
    const twice = [
      { QueueArn: arns.events, Events: ALL },
      { QueueArn: arns.events, Events: ALL, Filter: prefixed('in/') },
    ];
    await notify({ QueueConfigurations: twice });

    expect(wrong(await examined())).toEqual([{ level: 'warning', code: 'NOTIFICATION_OVERLAP', subject: 'region primary' }]);
  });

  it('says where there is no stack', async () => {
    await new CloudFormationClient(emulator.client).send(new DeleteStackCommand({ StackName: 'doctor-primary' }));
    try {
      const found = await examined();

      expect(wrong(found)).toEqual([]);
      expect(found).toContainEqual(expect.objectContaining({ level: 'info', code: 'NOT_DEPLOYED' }));
    } finally {
      await deploy();
    }
  });

  const examined = (): Promise<readonly Finding[]> => examine(directory, process.env);
  const prefixed = (Value: string): { Key: { FilterRules: { Name: 'prefix'; Value: string }[] } } => ({
    Key: { FilterRules: [{ Name: 'prefix', Value }] },
  });

  async function deploy(): Promise<void> {
    const outputs = { EventsQueueUrl: queues.events, EventsQueueArn: arns.events, WorkQueueUrl: queues.work };
    const template = {
      // A stack has a resource at least; what matters is what it gives out.
      Resources: { Topic: { Type: 'AWS::SNS::Topic' } },
      Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
    };
    const cloudFormation = new CloudFormationClient(emulator.client);
    await cloudFormation.send(new CreateStackCommand({ StackName: 'doctor-primary', TemplateBody: JSON.stringify(template) }));
  }

  async function redrive(name: 'events' | 'work', RedrivePolicy: string): Promise<void> {
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queues[name], Attributes: { RedrivePolicy } }));
  }

  async function notify(NotificationConfiguration: NotificationConfiguration): Promise<void> {
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: BUCKETS.primary, NotificationConfiguration }));
  }
});
