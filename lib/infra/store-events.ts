import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IDependable } from 'constructs';

/** What the replayer understands (lib/core/objects/notification.ts). */
export const EVENT_TYPES: readonly string[] = [
  's3:ObjectCreated:*',
  's3:ObjectRemoved:*',
  's3:LifecycleExpiration:*',
  's3:ObjectTagging:*',
  's3:ObjectRestore:Completed',
];

/**
 * Lets S3 send to the queue, for one bucket of one account.
 * The bucket is named, not referred to: its own properties refer to the queue.
 */
export function letStoreSend(queue: IQueue, bucketName: string, account: string): IDependable {
  const bucketArn = Stack.of(queue).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
  const { policyDependable } = queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'StoreTellsOfChanges',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': bucketArn }, StringEquals: { 'aws:SourceAccount': account } },
    }),
  );
  if (!policyDependable) throw new TypeError('a queue that the stack makes has a policy');
  return policyDependable;
}
