import type { S3RegionConfig, TidemarkConfig } from '../../config/config.ts';
import { controlPlace, headsRegion } from '../../config/gateway-places.ts';
import { stackName } from '../../config/stack-name.ts';
import { deploymentsOf, type RegionDeployment } from '../deployment.ts';
import { type AwsSettings, DEFAULT_BUCKET } from '../settings.ts';
import type { Outputs } from './cdk.ts';
import { forgetQueues, forgetTopic } from './notifications.ts';
import { cliOptions } from './shell.ts';

/** What the removal of the stacks leaves, where it is, and what still names what goes. Pure. */
export function whatStays(config: TidemarkConfig, settings: AwsSettings, outputs: Outputs, profile?: string): string {
  const deployments = deploymentsOf(config);
  const lines = deployments.flatMap(({ region, routes }) => {
    const stack = stackName(config, region.name);
    const bucket = `  ${region.awsRegion}  bucket ${region.bucket}`;
    return routes.length === 0 ? [bucket] : [bucket, ...state(region, stack, outputs[stack] ?? {}, profile)];
  });
  const commands = deployments.flatMap(({ region, routes, returning }) => {
    const stack = stackName(config, region.name);
    const { events } = settings.buckets[region.name] ?? DEFAULT_BUCKET;
    if (returning.length > 0) return region.create ? [`  ${forgetTopic({ region, stack, profile })}`] : [];
    const tells = routes.length > 0 && (region.create || events === 'sqs');
    return tells ? [`  ${forgetQueues({ region, stack, eventsQueueArn: outputs[stack]?.EventsQueueArn, profile })}`] : [];
  });
  return [
    'These stay, with all that is in them; docs/deploy.md says how to take them up again or remove them:',
    ...lines,
    ...decidesBy(deployments, outputs),
    ...(commands.length === 0
      ? []
      : [
          'What buckets tell goes, and their notifications still name it: S3 then refuses every change of those notifications.',
          'When the stacks are gone, take it out; what others have there stays as it is:',
          ...commands,
        ]),
    'What changes from now on is not seen, not even by a later deploy: docs/deploy.md, Teardown.',
    '',
  ].join('\n');
}

/** Of a gateway: its control table, and what was signed of its trail. */
function decidesBy(deployments: readonly RegionDeployment[], outputs: Outputs): readonly string[] {
  const gateway = deployments.find((deployment) => deployment.gateway)?.gateway;
  if (!gateway) return [];
  const { awsRegion, tableName } = controlPlace(gateway.config);
  const kept = headsRegion(gateway.config);
  const { AuditHeadsBucketName = `${gateway.config.name}-audit-ACCOUNT` } = outputs[stackName(gateway.config, kept.name)] ?? {};
  return [`  ${awsRegion}  table ${tableName}`, `  ${kept.awsRegion}  bucket ${AuditHeadsBucketName}, whose objects nobody can remove for a year`];
}

function state(
  region: S3RegionConfig,
  stack: string,
  { TableName, DeadLetterUrl, ReportsBucketName, ReportKeyArn }: Outputs[string],
  profile: string | undefined,
): string[] {
  const options = cliOptions(region.awsRegion, profile);
  const table = `aws dynamodb list-tables --query 'TableNames[?starts_with(@, \`"${stack}-"\`)]'${options}`;
  const queue = `aws sqs list-queues --queue-name-prefix ${stack}-QueuesDeadLetters${options}`;
  return [
    `  ${region.awsRegion}  table ${TableName ?? `whose name is not known in this folder; ${table}`}`,
    `  ${region.awsRegion}  queue ${DeadLetterUrl ?? `of dead letters whose name is not known in this folder; ${queue}`}`,
    `  ${region.awsRegion}  bucket ${ReportsBucketName ?? 'of reports, whose name is not known in this folder'}`,
    `  ${region.awsRegion}  key ${ReportKeyArn ?? 'of KMS that signed the reports, whose name is not known in this folder'}`,
  ];
}
