import type { TidemarkConfig } from '../../config/config.ts';
import { destinationKey } from '../../core/routes/route.ts';
import { deploymentsOf, stackName } from '../deployment.ts';
import type { AwsSettings } from '../settings.ts';
import type { Outputs } from './cdk.ts';

/** The address of each region's API, and three commands that show a copy and its delivery. Pure. */
export function whatToTry(config: TidemarkConfig, settings: AwsSettings, outputs: Outputs): string {
  const parts = deploymentsOf(config).flatMap(({ region, routes, config: { regions } }) => {
    const [route] = routes;
    const url = outputs[stackName(config, region.name)]?.ApiUrl;
    const destination = route && regions[route.to];
    if (!route || url === undefined || destination?.kind !== 's3') return [];
    const key = `${route.prefix}hello.txt`;
    return [
      `Region ${region.name}: ${url}`,
      `  echo hello | aws s3 cp - ${quoted(`s3://${region.bucket}/${key}`)} --region ${region.awsRegion}`,
      `  aws s3 cp ${quoted(`s3://${destination.bucket}/${destinationKey(route, key)}`)} - --region ${destination.awsRegion}`,
      `  curl -s ${credentials(settings, region.awsRegion)} '${url}events?limit=5'`,
      '',
    ];
  });
  return parts.join('\n');
}

function credentials({ jwt }: AwsSettings, awsRegion: string): string {
  if (jwt) return '-H "Authorization: Bearer $TOKEN"';
  const token = '-H "x-amz-security-token: $AWS_SESSION_TOKEN"';
  return `--aws-sigv4 aws:amz:${awsRegion}:execute-api -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" ${token}`;
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
