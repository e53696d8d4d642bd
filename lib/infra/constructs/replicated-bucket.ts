import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import { notificationPrefix } from '../notification-prefix.ts';
import { EVENT_TYPES, letStoreSend } from '../store-events.ts';
import { ChangeTopic } from './change-topic.ts';

export interface ReplicatedBucketProps {
  readonly bucketName: string;
  /** @default encrypted with keys that S3 manages */
  readonly kmsKeyArn?: string;
  /** Where it tells of changes: to a queue, or to a topic for several. Undefined: it is a destination alone. */
  readonly events?: IQueue | ChangeTopic;
  /** Of the routes that carry what is written here. */
  readonly prefixes?: readonly string[];
}

/** A bucket that the stack makes, and never removes: versioned, encrypted, closed to the public and to requests without TLS. */
export class ReplicatedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { bucketName, kmsKeyArn, events, prefixes = [] }: ReplicatedBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName,
      versioned: true,
      ...(kmsKeyArn === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : { encryption: BucketEncryption.KMS, encryptionKey: Key.fromKeyArn(this, 'Key', kmsKeyArn), bucketKeyEnabled: true }),
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // Parts of a copy that nobody goes on with; one that is under way is never this old.
      lifecycleRules: [{ id: 'abandoned-uploads', abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      // Not on a rollback of its creation: a bucket that stayed would stand in the next attempt's way.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // A bucket that stays stays closed to what comes without TLS.
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Access logs would fill a third bucket without end; CloudTrail data events do it better: docs/security.md.',
    );
    if (events) this.#tell(bucketName, events, prefixes);
  }

  /** Straight to its place, by the bucket's own properties: the alternative is a custom resource with rights over all buckets. */
  #tell(bucketName: string, events: IQueue | ChangeTopic, prefixes: readonly string[]): void {
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new TypeError('a bucket is made of a CfnBucket');
    const prefix = notificationPrefix(prefixes);
    const filter = prefix === '' ? {} : { filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } } };
    resource.notificationConfiguration =
      events instanceof ChangeTopic
        ? { topicConfigurations: EVENT_TYPES.map((event) => ({ event, topic: events.topic.topicArn, ...filter })) }
        : { queueConfigurations: EVENT_TYPES.map((event) => ({ event, queue: events.queueArn, ...filter })) };
    // S3 sends a trial when it is told where to, and refuses what it may not send to.
    const lets =
      events instanceof ChangeTopic ? events.letStorePublish(bucketName, Aws.ACCOUNT_ID) : letStoreSend(events, bucketName, Aws.ACCOUNT_ID);
    resource.node.addDependency(lets);
  }
}
