import { Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { notificationPrefix } from '../notification-prefix.ts';

export interface ExistingBucketEventsProps {
  readonly bucketName: string;
  readonly events: IQueue;
  /** Where an event goes that EventBridge could not deliver. */
  readonly undelivered: IQueue;
  /** Of the routes that start here. */
  readonly prefixes: readonly string[];
}

/**
 * A bucket that others own tells by a rule of EventBridge. Its notification configuration is one document that holds everyone's
 * wishes: to write it would overwrite theirs. Its owner turns EventBridge on once, which takes nothing from anybody.
 */
export class ExistingBucketEvents extends Construct {
  constructor(scope: Construct, id: string, { bucketName, events, undelivered, prefixes }: ExistingBucketEventsProps) {
    super(scope, id);
    const prefix = notificationPrefix(prefixes);
    new Rule(this, 'Rule', {
      description: `Tidemark: changes of objects in ${bucketName}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created', 'Object Deleted', 'Object Tags Added', 'Object Tags Deleted', 'Object Restore Completed'],
        detail: { bucket: { name: [bucketName] }, ...(prefix === '' ? {} : { object: { key: Match.prefix(prefix) } }) },
      },
      targets: [new SqsQueue(events, { deadLetterQueue: undelivered })],
    });
  }
}
