import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

/** Long enough for an audit of the year; what is to last longer is copied elsewhere. */
const KEPT = Duration.days(400);

/** A stranger's bucket under a name that is free again is not this one. */
const OWN = { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } };

/** Where comparisons keep their reports, and the key that signs them. Both stay when the stack goes: a report is proven by its key. */
export class ReportStore extends Construct {
  readonly bucket: Bucket;
  readonly key: Key;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ id: 'old-reports', expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(7) }],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Access logs would fill another bucket without end; CloudTrail data events do it better: docs/security.md.',
    );
    this.key = new Key(this, 'Key', {
      description: 'Tidemark: signs reports of comparisons',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  /** Of the bucket, as cdk-nag prints it. */
  get logicalId(): string {
    const resource = this.bucket.node.defaultChild;
    if (!(resource instanceof CfnBucket)) throw new TypeError('a bucket is made of a CfnBucket');
    return Stack.of(this).getLogicalId(resource);
  }

  get environment(): { readonly reportsBucket: string; readonly reportKeyId: string } {
    return { reportsBucket: this.bucket.bucketName, reportKeyId: this.key.keyArn };
  }

  /** Shows reports, and the key that proves them. */
  read(): readonly PolicyStatement[] {
    return [
      new PolicyStatement({ sid: 'FindReports', actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn], conditions: OWN }),
      new PolicyStatement({ sid: 'ReadReports', actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects('*')], conditions: OWN }),
      this.showKey(),
    ];
  }

  showKey(): PolicyStatement {
    return new PolicyStatement({ sid: 'ShowReportKey', actions: ['kms:GetPublicKey'], resources: [this.key.keyArn] });
  }

  /** In one way alone: a key of this curve knows no other. */
  sign(): PolicyStatement {
    return new PolicyStatement({ sid: 'SignReports', actions: ['kms:Sign'], resources: [this.key.keyArn] });
  }

  /** Writes and signs them. */
  write(): readonly PolicyStatement[] {
    return [
      new PolicyStatement({
        sid: 'WriteReports',
        actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
        resources: [this.bucket.arnForObjects('*')],
        conditions: OWN,
      }),
      this.sign(),
    ];
  }
}
