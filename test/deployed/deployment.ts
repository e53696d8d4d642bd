/** What the deployed tests run against: the app of a configuration of their own, deployed as `npm run deploy` does it. */
import { readFile } from 'node:fs/promises';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { TidemarkInput } from '../../lib/config/define.ts';
import type { Outputs } from '../../lib/infra/commands/cdk.ts';
import type { Emulator } from '../fixtures/emulator.ts';
import { App } from './app.ts';

/** As JSON: it crosses from the setup to the processes of the tests. */
export interface Deployment {
  readonly endpoint: string;
  /** That the endpoint has, PEM. */
  readonly certificate: string;
  /** Of a file that holds it. */
  readonly certificatePath: string;
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
  /** It is compared and mended by the clock, as a whole: whatever lacks a copy there. */
  verify: { source: 'verify-primary', destination: 'verify-secondary' },
  /** Its source was there before the app, tells EventBridge of nothing yet, and has notifications that someone else owns. */
  existing: { source: 'existing-primary', destination: 'existing-secondary' },
  /** Both of its buckets are written. */
  both: { source: 'both-primary', destination: 'both-secondary' },
  /** Behind the gateway. */
  gateway: { source: 'gateway-primary', destination: 'gateway-secondary' },
} as const;
export type PairName = keyof typeof PAIRS;

export const SOURCE_REGION = 'eu-west-1';
export const DESTINATION_REGION = 'us-east-1';
export const bucketOf = (region: string): string => `tidemark-test-${region}`;
/** Where the owner of the existing bucket has its notifications sent. */
export const OWNERS_QUEUE = 'someone-elses';
export const stackOf = (region: string): string => `test-${region}`;

/** Bootstraps both regions and deploys every stack by the stock CDK CLI. @param folder an empty one @throws Error with what was printed */
export async function deploy({ endpoint, client, certificate = '' }: Omit<Emulator, 'stop'>, folder: string): Promise<Deployment> {
  const { credentials } = client;
  const app = new App(folder, { endpoint, certificatePath: certificate, credentials, region: SOURCE_REGION });
  await app.bootstrap(SOURCE_REGION, DESTINATION_REGION);
  await makeExistingBucket(endpoint, credentials);
  const { outputs, printed } = await app.deploy(input());
  return { endpoint, certificatePath: certificate, certificate: await readFile(certificate, 'utf8'), credentials, outputs, printed };
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

function input(): TidemarkInput {
  return configOf(Object.values(PAIRS));
}

/** What the app was deployed from, as far as it is one pair's. */
export function subset(name: PairName): TidemarkInput {
  return configOf([PAIRS[name]]);
}

function configOf(pairs: readonly (typeof PAIRS)[PairName][]): TidemarkInput {
  const regions = pairs.flatMap(({ source, destination }) => [
    [source, { bucket: { [source === PAIRS.existing.source ? 'existing' : 'create']: bucketOf(source) }, awsRegion: SOURCE_REGION }] as const,
    [destination, { bucket: { create: bucketOf(destination) }, awsRegion: DESTINATION_REGION }] as const,
  ]);
  // One sends canaries: nothing that is listed, compared or told may show them.
  const routes = pairs.map(({ source, destination }) => ({
    from: source,
    to: destination,
    ...(source === PAIRS.main.source ? { canary: { everySec: 60 } } : {}),
    bidirectional: source === PAIRS.both.source || source === PAIRS.gateway.source,
  }));
  const { source: from, destination: to } = PAIRS.gateway;
  // What it decides by lies in another region than the route's own. The shortest lease there is: writes rest as long after a switch.
  const gateway = { route: `${from}-${to}`, controlRegion: DESTINATION_REGION, leaseSec: 3 };
  const served = pairs.some(({ source }) => source === from) ? { gateway } : {};
  // What is compared was written a moment ago.
  return {
    ...served,
    name: 'test',
    regions: Object.fromEntries(regions),
    routes,
    limits: { verifyGraceSec: 1 },
    completions: { eventBridge: {} },
  };
}
