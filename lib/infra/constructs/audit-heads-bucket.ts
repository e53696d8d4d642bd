import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';

export interface AuditHeadsBucketProps {
  readonly bucketName: string;
}

/** As long as nobody, whatever their rights, can remove or change a head. */
const LOCKED = Duration.days(365);

/** Known in advance: functions of other regions name it. @param name of the installation */
export function auditHeadsBucketName(name: string): string {
  return `${name}-audit-${Aws.ACCOUNT_ID}`;
}

/**
 * Where the signed heads of audit trails lie. Locked in compliance mode: whoever may change the trail, an administrator too, must not be
 * able to change what proves it, and the other mode (governance) can be bypassed by a right that administrators have. The lock keeps versions;
 * a marker of a deletion, or another version, may still be put over one. Whoever reads heads passes over both (see S3AuditHeads), and the
 * policy refuses both, as long as nobody changes it.
 */
export class AuditHeadsBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { bucketName }: AuditHeadsBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      bucketName,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(LOCKED),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.bucket.addToResourcePolicy(this.#deny('DenyRemoval', ['s3:DeleteObject', 's3:DeleteObjectVersion']));
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    this.bucket.addToResourcePolicy(this.#deny('DenyOverwriting', ['s3:PutObject'], { Null: { 's3:if-none-match': 'true' } }));
    this.bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    acknowledge(
      this.bucket,
      'AwsSolutions-S1',
      'Access logs would fill another bucket without end; CloudTrail data events do it better: docs/security.md.',
    );
  }

  #deny(sid: string, actions: string[], conditions: Record<string, unknown> = {}): PolicyStatement {
    return new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions,
      resources: [this.bucket.arnForObjects('*')],
      conditions,
    });
  }
}
