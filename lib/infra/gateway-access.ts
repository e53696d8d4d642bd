/** What the functions of a gateway may do beside reading and writing objects. */
import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AUDIT_PARTITION } from '../adapters/dynamodb/schema.ts';
import type { S3RegionConfig } from '../config/config.ts';
import { controlPlace, regionOnAws } from '../config/gateway-places.ts';
import { auditHeadsBucketName } from './constructs/audit-heads-bucket.ts';
import type { GatewayDeployment } from './deployment.ts';
import type { AwsSettings } from './settings.ts';

/** Names of buckets are free again once a bucket is removed: a stranger's under its name is not this one. */
const OWN = { StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID } };

/** Reads and writes the control record, the counters of observers and the audit trail, wherever their table lies. */
export function decide(scope: Construct, config: GatewayDeployment['config']): PolicyStatement {
  return new PolicyStatement({
    sid: 'Decide',
    actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
    resources: [controlTableArn(scope, config)],
  });
}

/** Reads the gateway's audit trail, and nothing else of its table. */
export function readTrail(scope: Construct, config: GatewayDeployment['config']): PolicyStatement {
  return trailOf('ReadGatewayTrail', controlTableArn(scope, config));
}

/** Reads one chain of a table, and nothing else of it. */
export function trailOf(sid: string, tableArn: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['dynamodb:Query'],
    resources: [tableArn],
    conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [AUDIT_PARTITION] } },
  });
}

/** HEAD of both buckets: what an observer does all day. */
export function probe(scope: Construct, { route, config }: GatewayDeployment, { buckets }: AwsSettings): readonly PolicyStatement[] {
  return [route.from, route.to].map((name, index) => {
    const region = regionOnAws(config, name);
    return new PolicyStatement({
      sid: `Probe${index + 1}`,
      actions: ['s3:ListBucket'],
      resources: [bucketArn(scope, region)],
      conditions: { StringEquals: { 'aws:ResourceAccount': (region.create ? undefined : buckets[name]?.account) ?? Aws.ACCOUNT_ID } },
    });
  });
}

/** Shows signed heads of audit trails, by their versions: see S3AuditHeads. */
export function readHeads(scope: Construct, { name }: GatewayDeployment['config']): readonly PolicyStatement[] {
  const arn = headsArn(scope, name);
  return [
    new PolicyStatement({ sid: 'FindAuditHeads', actions: ['s3:ListBucketVersions'], resources: [arn], conditions: OWN }),
    new PolicyStatement({ sid: 'ReadAuditHeads', actions: ['s3:GetObjectVersion'], resources: [`${arn}/*`], conditions: OWN }),
  ];
}

/** Adds one; no right changes or removes any. */
export function addHeads(scope: Construct, { name }: GatewayDeployment['config']): PolicyStatement {
  return new PolicyStatement({ sid: 'AddAuditHeads', actions: ['s3:PutObject'], resources: [`${headsArn(scope, name)}/*`], conditions: OWN });
}

/** Hands looks on to the region that the route starts in. */
export function handOn(topicArn: string): PolicyStatement {
  return new PolicyStatement({ sid: 'HandLooksOn', actions: ['sns:Publish'], resources: [topicArn] });
}

function controlTableArn(scope: Construct, config: GatewayDeployment['config']): string {
  const { awsRegion, tableName } = controlPlace(config);
  return Stack.of(scope).formatArn({ service: 'dynamodb', region: awsRegion, resource: 'table', resourceName: tableName });
}

function headsArn(scope: Construct, name: string): string {
  return Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource: auditHeadsBucketName(name) });
}

function bucketArn(scope: Construct, { bucket }: S3RegionConfig): string {
  return Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource: bucket });
}
