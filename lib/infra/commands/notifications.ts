/**
 * Commands of the AWS CLI that change what a bucket notifies. Its notification configuration is one document, and S3 refuses one that
 * names a queue which is gone: so each command writes all that is there but this stack's events queues, former ones too. Pure.
 */
import type { S3RegionConfig } from '../../config/config.ts';
import { topicName } from '../constructs/change-topic.ts';
import { notificationPrefix } from '../notification-prefix.ts';
import { EVENT_TYPES } from '../store-events.ts';
import { cliOptions, quoted } from './shell.ts';

export interface NotifyingBucket {
  readonly region: S3RegionConfig;
  /** The name of the stack of the region. */
  readonly stack: string;
  /** As the stack gives it out, where that is known. */
  readonly eventsQueueArn: string | undefined;
  readonly profile: string | undefined;
}

/** The bucket tells the stack's queues no more. */
export function forgetQueues(bucket: NotifyingBucket): string {
  return rewrite(bucket, `QueueConfigurations: ${others(bucket)}`);
}

/** The bucket tells the stack's topic no more. */
export function forgetTopic(bucket: Omit<NotifyingBucket, 'eventsQueueArn'>): string {
  return rewrite(bucket, `TopicConfigurations: TopicConfigurations[?!ends_with(TopicArn, \`":${topicName(bucket.stack)}"\`)] || \`[]\``);
}

/** The bucket tells EventBridge of its changes. */
export function turnEventBridgeOn(bucket: NotifyingBucket): string {
  return rewrite(bucket, `EventBridgeConfiguration: \`{}\`, QueueConfigurations: ${others(bucket)}`);
}

/** The bucket tells the queue of its changes. @param prefixes of the routes that start in it */
export function tellQueue(bucket: NotifyingBucket, queueArn: string, prefixes: readonly string[]): string {
  const prefix = notificationPrefix(prefixes);
  const filter = prefix === '' ? {} : { Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } } };
  const added = JSON.stringify([{ Id: 'tidemark', QueueArn: queueArn, Events: EVENT_TYPES, ...filter }]);
  return rewrite(bucket, `QueueConfigurations: [${others(bucket)}, \`${added}\`][]`);
}

function rewrite({ region, profile }: Pick<NotifyingBucket, 'region' | 'profile'>, changes: string): string {
  const bucket = `--bucket ${region.bucket}${cliOptions(region.awsRegion, profile)}`;
  const query = quoted(`merge(@, {${changes}})`);
  const found = `$(aws s3api get-bucket-notification-configuration ${bucket} --output json --query ${query})`;
  return `aws s3api put-bucket-notification-configuration ${bucket} --notification-configuration "${found}"`;
}

function others({ stack, eventsQueueArn }: NotifyingBucket): string {
  // CloudFormation ends each queue's name in characters of its own; what comes before is the same for all that the stack ever made.
  const name = eventsQueueArn?.slice(eventsQueueArn.lastIndexOf(':') + 1, eventsQueueArn.lastIndexOf('-')) ?? `${stack}-QueuesEvents`;
  return `(QueueConfigurations[?!contains(QueueArn, \`":${name}"\`)] || \`[]\`)`;
}
