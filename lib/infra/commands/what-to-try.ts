import type { TidemarkConfig } from '../../config/config.ts';
import { stackName } from '../../config/stack-name.ts';
import { destinationKey } from '../../core/routes/route.ts';
import { deploymentsOf, type GatewayDeployment, type RegionDeployment } from '../deployment.ts';
import { type AwsSettings, DEFAULT_BUCKET } from '../settings.ts';
import type { Outputs } from './cdk.ts';
import { tellQueue, turnEventBridgeOn } from './notifications.ts';
import { cliOptions, quoted } from './shell.ts';

/** The address of each region's API, what its bucket must be told first, and commands that show a copy and its delivery. Pure. */
export function whatToTry(config: TidemarkConfig, settings: AwsSettings, outputs: Outputs, profile?: string): string {
  const deployments = deploymentsOf(config);
  const parts = deployments.flatMap((deployment) => {
    const { region, routes } = deployment;
    const [route] = routes;
    const stack = stackName(config, region.name);
    const { ApiUrl } = outputs[stack] ?? {};
    const destination = route && deployment.config.regions[route.to];
    if (!route && deployment.returning.length > 0) return [...howItTells(deployment, settings, outputs[stack], profile), ''];
    if (!route || ApiUrl === undefined || destination?.kind !== 's3') return [];
    const key = `${route.prefix}hello.txt`;
    return [
      `Region ${region.name}: ${ApiUrl}`,
      ...howItTells(deployment, settings, outputs[stack], profile),
      `  echo hello | aws s3 cp - ${quoted(`s3://${region.bucket}/${key}`)}${cliOptions(region.awsRegion, profile)}`,
      `  aws s3 cp ${quoted(`s3://${destination.bucket}/${destinationKey(route, key)}`)} -${cliOptions(destination.awsRegion, profile)}`,
      ...(profile === undefined || settings.jwt ? [] : [`  eval "$(aws configure export-credentials --profile ${quoted(profile)} --format env)"`]),
      `  curl -s ${credentials(settings, region.awsRegion)} '${ApiUrl}events?limit=5'`,
      '',
    ];
  });
  return [...parts, ...deployments.flatMap(({ gateway }) => (gateway ? throughGateway(gateway, config, outputs, profile) : []))].join('\n');
}

function throughGateway({ here }: GatewayDeployment, config: TidemarkConfig, outputs: Outputs, profile: string | undefined): readonly string[] {
  const stack = stackName(config, here.name);
  const { GatewayUrl } = outputs[stack] ?? {};
  if (GatewayUrl === undefined) return [];
  const tidemark = `${profile === undefined ? '' : `AWS_PROFILE=${quoted(profile)} `}npx tidemark`;
  const at = `--stack ${stack} --region ${here.awsRegion}`;
  return [
    `Gateway in region ${here.name}: ${GatewayUrl}`,
    `  echo hello | ${tidemark} put hello.txt - ${at}`,
    `  ${tidemark} get hello.txt - ${at}`,
    `  ${tidemark} failover status ${at}`,
    '',
  ];
}

/** Nothing for a bucket that the stack made: its notifications are its own. */
function howItTells(
  { region, routes, config }: RegionDeployment,
  settings: AwsSettings,
  { EventsQueueArn: eventsQueueArn, TopicArn }: Outputs[string] = {},
  profile: string | undefined,
): readonly string[] {
  if (region.create || (eventsQueueArn ?? TopicArn) === undefined) return [];
  const { events } = settings.buckets[region.name] ?? DEFAULT_BUCKET;
  const bucket = { region, stack: stackName(config, region.name), eventsQueueArn, profile };
  const prefixes = routes.map(({ prefix }) => prefix);
  const [teller, command] =
    events === 'sqs' && eventsQueueArn !== undefined
      ? ['the events queue', tellQueue(bucket, eventsQueueArn, prefixes)]
      : ['EventBridge', turnEventBridgeOn(bucket)];
  return [`  First ${region.bucket} must tell ${teller} of its changes. Its owner turns that on once, and other notifications stay:`, `  ${command}`];
}

function credentials({ jwt }: AwsSettings, awsRegion: string): string {
  if (jwt) return '-H "Authorization: Bearer $TOKEN"';
  // Keys that last have no token, and an empty header is refused.
  const token = `\${AWS_SESSION_TOKEN:+-H} \${AWS_SESSION_TOKEN:+"x-amz-security-token: $AWS_SESSION_TOKEN"}`;
  return `--aws-sigv4 aws:amz:${awsRegion}:execute-api -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${token}`;
}
