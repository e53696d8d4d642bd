import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct, type IDependable } from 'constructs';

/** The name of the topic of a region's stack: other stacks name it, and none may refer to another region's. */
export function topicName(stack: string): string {
  return `${stack}-changes`;
}

/**
 * Where a bucket tells of its changes that more than one queue hears of, or one in another region: S3 sends an event to one place alone,
 * and to its own region. SNS hands it on as it is, and tries for weeks.
 */
export class ChangeTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // It holds names of objects for moments. S3 may not use the key that AWS manages for topics, and another would cost more than it guards.
    this.topic = new Topic(this, 'Topic', { topicName: topicName(Stack.of(this).stackName), enforceSSL: true });
  }

  /** Lets S3 publish for one bucket of one account. */
  letStorePublish(bucketName: string, account: string): IDependable {
    const bucketArn = Stack.of(this).formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    const { policyDependable } = this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'StoreTellsOfChanges',
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnEquals: { 'aws:SourceArn': bucketArn }, StringEquals: { 'aws:SourceAccount': account } },
      }),
    );
    if (!policyDependable) throw new TypeError('a topic that the stack makes has a policy');
    return policyDependable;
  }
}

export interface HearTopicProps {
  readonly topicArn: string;
  /** Where the topic is, as AWS names it. */
  readonly awsRegion: string;
  readonly events: Queue;
}

/** The queue hears what a topic tells, of whichever region, in S3's own words. */
export class HearTopic extends Construct {
  constructor(scope: Construct, id: string, { topicArn, awsRegion, events }: HearTopicProps) {
    super(scope, id);
    const { policyDependable } = events.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('sns.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [events.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': topicArn } },
      }),
    );
    const subscription = new CfnSubscription(this, 'Subscription', {
      topicArn,
      protocol: 'sqs',
      endpoint: events.queueArn,
      rawMessageDelivery: true,
      region: awsRegion,
    });
    if (policyDependable) subscription.node.addDependency(policyDependable);
  }
}
