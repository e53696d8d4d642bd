import { type IRuleTarget, Match, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { notificationPrefix } from '../notification-prefix.ts';

export interface ExistingBucketEventsProps {
  readonly bucketName: string;
  /** Where they go: a queue or a topic. */
  readonly target: IRuleTarget;
  /** Of the routes that carry what is written here. */
  readonly prefixes: readonly string[];
}

/**
 * A bucket that others own tells by a rule of EventBridge. Its notification configuration is one document that holds everyone's
 * wishes: to write it would overwrite theirs. Its owner turns EventBridge on once, which takes nothing from anybody.
 */
export class ExistingBucketEvents extends Construct {
  constructor(scope: Construct, id: string, { bucketName, target, prefixes }: ExistingBucketEventsProps) {
    super(scope, id);
    const prefix = notificationPrefix(prefixes);
    new Rule(this, 'Rule', {
      description: `Tidemark: changes of objects in ${bucketName}`,
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created', 'Object Deleted', 'Object Tags Added', 'Object Tags Deleted', 'Object Restore Completed'],
        detail: { bucket: { name: [bucketName] }, ...(prefix === '' ? {} : { object: { key: Match.prefix(prefix) } }) },
      },
      targets: [target],
    });
  }
}
