/** What the deployed tests run against: the app of a configuration of their own, deployed as `npm run deploy` does it. */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Outputs } from '../../lib/infra/commands/cdk.ts';
import type { Emulator } from '../fixtures/emulator.ts';

/** As JSON: it crosses from the setup to the processes of the tests. */
export interface Deployment {
  readonly endpoint: string;
  /** That the endpoint has, PEM. */
  readonly certificate: string;
  /** Of the account itself, which may do everything. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** By stack. */
  readonly outputs: Outputs;
  /** All that the deploy printed. */
  readonly printed: string;
}

/** Pairs of buckets that know nothing of each other, so that an outage of one leaves the tests of another alone. */
export const PAIRS = {
  main: { source: 'primary', destination: 'secondary' },
  outage: { source: 'outage-primary', destination: 'outage-secondary' },
  chaos: { source: 'chaos-primary', destination: 'chaos-secondary' },
  removed: { source: 'removed-primary', destination: 'removed-secondary' },
  input: { source: 'input-primary', destination: 'input-secondary' },
  /** Its source was there before the app, tells EventBridge of nothing yet, and has notifications that someone else owns. */
  existing: { source: 'existing-primary', destination: 'existing-secondary' },
} as const;
export type PairName = keyof typeof PAIRS;

export const SOURCE_REGION = 'eu-west-1';
export const DESTINATION_REGION = 'us-east-1';
export const bucketOf = (region: string): string => `tidemark-test-${region}`;
/** Where the owner of the existing bucket has its notifications sent. */
export const OWNERS_QUEUE = 'someone-elses';
export const stackOf = (region: string): string => `test-${region}`;

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'node_modules/aws-cdk/bin/cdk');
const OUTPUTS = 'cdk.out/outputs.json';
const LIMIT_MS = 120_000;

/** Bootstraps both regions and deploys every stack by the stock CDK CLI. @param folder an empty one @throws Error with what was printed */
export async function deploy({ endpoint, client, certificate = '' }: Omit<Emulator, 'stop'>, folder: string): Promise<Deployment> {
  const files = { 'package.json': '{ "type": "module" }', 'cdk.json': cdkJson(), 'tidemark.config.ts': tidemarkConfig() };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const { credentials } = client;
  const env = {
    PATH: process.env.PATH ?? '',
    // Nobody's profile, cache or consent is used.
    HOME: folder,
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: SOURCE_REGION,
    NODE_EXTRA_CA_CERTS: certificate,
  };
  const node = (...args: readonly string[]): Promise<string> => run(process.execPath, args, folder, env);
  // One after the other: the emulator lost a parameter of one region when the CLI made both at the same time.
  for (const region of [SOURCE_REGION, DESTINATION_REGION]) await node(CLI, 'bootstrap', `aws://${credentials.accessKeyId}/${region}`);
  await makeExistingBucket(endpoint, credentials);
  const printed = await node(join(ROOT, 'lib/infra/commands/deploy.ts'));
  const outputs: Outputs = JSON.parse(await readFile(join(folder, OUTPUTS), 'utf8'));
  return { endpoint, certificate: await readFile(certificate, 'utf8'), credentials, outputs, printed };
}

async function makeExistingBucket(endpoint: string, credentials: Deployment['credentials']): Promise<void> {
  const options = { endpoint, credentials: { ...credentials }, region: SOURCE_REGION };
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const Bucket = bucketOf(PAIRS.existing.source);
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: SOURCE_REGION } }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const QueueArn = `arn:aws:sqs:${SOURCE_REGION}:${credentials.accessKeyId}:${OWNERS_QUEUE}`;
  const lets = { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: QueueArn };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [lets] });
  await new SQSClient(options).send(new CreateQueueCommand({ QueueName: OWNERS_QUEUE, Attributes: { Policy } }));
  const NotificationConfiguration = { QueueConfigurations: [{ Id: 'owners', QueueArn, Events: ['s3:ObjectCreated:*' as const] }] };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
}

function cdkJson(): string {
  return JSON.stringify({ app: `"${process.execPath}" "${join(ROOT, 'bin/app.ts')}"`, requireApproval: 'never', notices: false });
}

function tidemarkConfig(): string {
  const regions = Object.values(PAIRS).flatMap(({ source, destination }) => [
    [source, { bucket: { [source === PAIRS.existing.source ? 'existing' : 'create']: bucketOf(source) }, awsRegion: SOURCE_REGION }] as const,
    [destination, { bucket: { create: bucketOf(destination) }, awsRegion: DESTINATION_REGION }] as const,
  ]);
  const routes = Object.values(PAIRS).map(({ source, destination }) => ({ from: source, to: destination }));
  const input = { name: 'test', regions: Object.fromEntries(regions), routes };
  // The shortest time limit there is: what a function that was killed held comes back within a minute. And few calls at a time:
  // each is a process on this machine, and fifty of them that start at once on two cores reach that limit.
  return [
    `import { defineTidemark } from ${JSON.stringify(join(ROOT, 'lib/config/define.ts'))};`,
    `export default defineTidemark(${JSON.stringify(input)});`,
    'export const aws = { replay: { timeoutSec: 10, maxConcurrency: 2 } };',
    '',
  ].join('\n');
}

function run(command: string, args: readonly string[], cwd: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${args.join(' ')} failed: ${error.message}\n${stdout}\n${stderr}`.slice(-8_000)));
      else resolve(stdout);
    });
  });
}
