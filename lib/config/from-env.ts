/** The configuration of people who write none: two regions, primary and secondary, by environment variables (A11). */
import type { TidemarkConfig } from './config.ts';
import { type BucketRegionInput, checkedConfig, type FolderRegionInput } from './define.ts';
import type { FieldProblem } from './field-problems.ts';
import { gatewayFromEnv } from './gateway-from-env.ts';
import { GATEWAY_PORT, type HostConfig, hostFromEnv, refuseVariables } from './host.ts';
import { type Environment, variable } from './variable.ts';

export interface LoadOptions {
  /** The gateway is all that is served. */
  readonly gatewayAlone?: boolean;
}

export interface Loaded {
  readonly config: TidemarkConfig;
  readonly host: HostConfig;
}

const PARTS = ['ENDPOINT', 'REGION', 'ACCESS_KEY', 'SECRET_KEY', 'BUCKET', 'FORCE_PATH_STYLE'] as const;
const SWITCHES: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

/**
 * A side is a bucket of S3 when its BUCKET is set, else a folder.
 * @throws TidemarkError INVALID_CONFIG that names every wrong or missing variable
 */
export function fromEnv(env: Environment, { gatewayAlone = false }: LoadOptions = {}): Loaded {
  const host = hostFromEnv(env, gatewayAlone ? GATEWAY_PORT : undefined);
  const problems: FieldProblem[] = [];
  const gateway = gatewayFromEnv(env, gatewayAlone, problems);
  const regions = { primary: side(env, 'primary', problems), secondary: side(env, 'secondary', problems) };
  refuseVariables(problems);
  // What is written at one side after a switch must get back to the other.
  const route = { from: 'primary', to: 'secondary', ...(gateway ? { bidirectional: true } : {}) };
  const input = { regions, routes: [route], ...(gateway ? { gateway } : {}) };
  return { config: checkedConfig(input, 'the configuration by environment variables'), host };
}

function side(env: Environment, name: string, problems: FieldProblem[]): FolderRegionInput | BucketRegionInput {
  const nameOf = (part: (typeof PARTS)[number]): string => `${name.toUpperCase()}_S3_${part}`;
  const get = (part: (typeof PARTS)[number]): string | undefined => variable(env, nameOf(part));
  const refuse = (part: (typeof PARTS)[number], message: string, fix: string): void => void problems.push({ field: nameOf(part), message, fix });
  const bucket = get('BUCKET');
  if (bucket === undefined) {
    const lonely = PARTS.filter((part) => get(part) !== undefined).map(nameOf);
    if (lonely.length > 0) {
      refuse(
        'BUCKET',
        `it is missing while ${lonely.join(', ')} ${lonely.length === 1 ? 'is' : 'are'} set`,
        `Set it, or unset the others to use the folder data/regions/${name}.`,
      );
    }
    return { folder: `data/regions/${name}` };
  }
  const endpoint = get('ENDPOINT');
  const awsRegion = get('REGION') ?? (endpoint === undefined ? undefined : 'us-east-1');
  if (awsRegion === undefined) refuse('REGION', 'it is missing', 'Set it to the region of the bucket, as eu-west-1.');
  const [accessKey, secretKey] = [get('ACCESS_KEY'), get('SECRET_KEY')];
  if (accessKey === undefined && secretKey !== undefined) refuse('ACCESS_KEY', `it is missing while ${nameOf('SECRET_KEY')} is set`, PAIR);
  if (accessKey !== undefined && secretKey === undefined) refuse('SECRET_KEY', `it is missing while ${nameOf('ACCESS_KEY')} is set`, PAIR);
  const style = get('FORCE_PATH_STYLE');
  const forcePathStyle = style === undefined ? isForeign(endpoint) : SWITCHES[style.toLowerCase()];
  if (forcePathStyle === undefined)
    refuse('FORCE_PATH_STYLE', 'expected 1, 0, true or false', 'Set it to 1 when the store wants the bucket in the path.');
  return {
    bucket: { existing: bucket },
    awsRegion: awsRegion ?? '',
    // AWS's own endpoint says nothing that the region doesn't; one name for both sides would be one wrong place for one of them.
    ...(endpoint === undefined || isAwsDefault(endpoint) ? {} : { endpoint: endpoint.replace(/\/+$/, '') }),
    forcePathStyle: forcePathStyle ?? false,
    ...(accessKey === undefined ? {} : { credentials: { accessKeyEnv: nameOf('ACCESS_KEY'), secretKeyEnv: nameOf('SECRET_KEY') } }),
  };
}

const PAIR = 'Set both keys, or neither to use the AWS credential chain.';

/** `s3.amazonaws.com` or `s3.<region>.amazonaws.com`; not the likes of s3-fips, dualstack or a VPC endpoint. */
function isAwsDefault(endpoint: string): boolean {
  return /^s3(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/.test(URL.parse(endpoint)?.hostname ?? '');
}

/** Other stores seldom have a host name for each bucket. */
function isForeign(endpoint: string | undefined): boolean {
  const host = endpoint === undefined ? 'amazonaws.com' : (URL.parse(endpoint)?.hostname ?? '');
  return !/(^|\.)amazonaws\.com(\.cn)?$/.test(host);
}
