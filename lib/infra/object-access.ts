/** What replaying may do with objects: to read at the sources, to write at the destinations, both below the routes' prefixes alone, and in buckets of the accounts that own them. */
import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { canaryKey, destinationKey, PROBE_PREFIX, type Route, reversed } from '../core/routes/route.ts';
import type { RegionDeployment } from './deployment.ts';
import type { AwsSettings } from './settings.ts';

/** Beside headers and bytes. Tags of a version are asked for by its id, so that they are not its successor's. */
const READ = ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersionTagging'];
const WRITE = ['s3:PutObject', 's3:PutObjectTagging', 's3:DeleteObjectTagging', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'];
const RESTORE = ['s3:GetObjectVersion'];
/** A delete leaves a marker on a versioned bucket: no version is ever removed. */
const REMOVE = ['s3:DeleteObject'];
/** Of a bucket: whether it is there, whether a missing key is absent or merely hidden, what it can do. */
const LOOK = ['s3:ListBucket', 's3:ListBucketVersions', 's3:GetBucketVersioning'];
/** What an endpoint can do is found out by trying, with objects that are gone afterwards. */
const PROBE = [...READ, ...WRITE, ...REMOVE, 's3:DeleteObjectVersion'];
/** One of them begins with a slash. */
const PROBED = [PROBE_PREFIX, `/${PROBE_PREFIX}`];

export interface ObjectAccess {
  readonly statements: readonly PolicyStatement[];
  /** Of them, those that comparing takes: to list buckets, to find out what they can do, and to read what they hold. */
  readonly comparing: readonly PolicyStatement[];
  /** To write what lost a conflict once more: whoever answers operators may read former versions at both ends. */
  readonly restoring: readonly PolicyStatement[];
  /** What sending canaries takes, and seeing them arrive; none where no route has any. */
  readonly canaries: readonly PolicyStatement[];
  /** The ARNs among their resources that end in a wildcard, as cdk-nag prints them. */
  readonly wildcards: readonly string[];
}

export function objectAccess(scope: Construct, { routes, config, region }: RegionDeployment, settings: AwsSettings): ObjectAccess {
  const wildcards = new Set<string>();
  const arn = (name: string, key?: string): string =>
    Stack.of(scope).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: key === undefined ? bucketOf(config, name) : `${bucketOf(config, name)}/${key}`,
    });
  const below = (name: string, prefixes: Iterable<string>): string[] =>
    [...new Set(prefixes)].map((prefix) => {
      wildcards.add(asPrinted(`arn:\${AWS::Partition}:s3:::${bucketOf(config, name)}/${literal(prefix)}*`));
      return arn(name, `${literal(prefix)}*`);
    });
  const ways = routes.flatMap((route) => (route.bidirectional ? [route, reversed(route)] : [route]));
  const sources = [...new Set([region.name, ...ways.map(({ from }) => from)])];
  const destinations = [...new Set(ways.map(({ to }) => to))];
  const ends = [...new Set([region.name, ...destinations])];
  const from = (name: string): readonly Route[] => ways.filter((route) => route.from === name);
  const to = (name: string): readonly Route[] => ways.filter((route) => route.to === name);
  const deleting = destinations.filter((name) => to(name).some(({ deletes }) => deletes));
  const written = (some: readonly Route[]): string[] => some.map((route) => destinationKey(route, route.prefix));
  const owned = (sid: string, actions: string[], names: readonly string[], resources: (name: string) => string[]): readonly PolicyStatement[] =>
    [...ownersOf(names, config, settings)].map(
      ([account, those]) =>
        new PolicyStatement({
          sid: account === Aws.ACCOUNT_ID ? sid : `${sid}${account}`,
          actions,
          resources: those.flatMap(resources),
          // Names of buckets are free again once a bucket is removed: a stranger's under its name is not this one.
          conditions: { StringEquals: { 'aws:ResourceAccount': account } },
        }),
    );
  const looking = [
    ...owned('LookAtBuckets', LOOK, ends, (name) => [arn(name)]),
    ...owned('ProbeBuckets', PROBE, ends, (name) => below(name, PROBED)),
  ];
  const keys = [...keyAccess(config, ends, settings), ...overridingKeyAccess(config, routes)];
  const reading = owned('ReadSource', READ, sources, (name) =>
    below(
      name,
      from(name).map(({ prefix }) => prefix),
    ),
  );
  const statements = [
    ...reading,
    ...owned('WriteDestinations', [...READ, ...WRITE], destinations, (name) => below(name, written(to(name)))),
    ...owned('RemoveAtDestinations', REMOVE, deleting, (name) => below(name, written(to(name).filter(({ deletes }) => deletes)))),
    ...looking,
    ...keys,
  ];
  const both = ways.filter(({ bidirectional }) => bidirectional);
  const kept = [...new Set(both.map((way) => way.from))];
  const restoring = owned('RestoreVersions', RESTORE, kept, (name) =>
    below(
      name,
      both.filter((way) => way.from === name).map(({ prefix }) => prefix),
    ),
  );
  const sending = routes.filter(({ canary }) => canary !== undefined);
  const canaries = [
    ...owned('SendCanaries', ['s3:PutObject', 's3:GetObject'], [region.name], (name) => sending.map((route) => arn(name, literal(canaryKey(route))))),
    ...owned('SeeCanaries', ['s3:GetObject'], [...new Set(sending.map((route) => route.to))], (name) =>
      sending.filter((route) => route.to === name).map((route) => arn(name, literal(destinationKey(route, canaryKey(route))))),
    ),
    ...looking,
    ...keys,
  ];
  const comparing = [reading, owned('ReadDestinations', READ, destinations, (name) => below(name, written(to(name)))), looking, keys].flat();
  return { statements, comparing, restoring, canaries: sending.length === 0 ? [] : canaries, wildcards: [...wildcards] };
}

/** The regions by the account that must own their bucket. */
function ownersOf(names: readonly string[], config: RegionDeployment['config'], { buckets }: AwsSettings): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const name of names) {
    const region = config.regions[name];
    // What a stack makes is its own account's.
    const made = region?.kind === 's3' && region.create;
    const account = (made ? undefined : buckets[name]?.account) ?? Aws.ACCOUNT_ID;
    owners.set(account, [...(owners.get(account) ?? []), name]);
  }
  return owners;
}

/** Through S3 alone. The source's key is used to write, too: what a bucket can do is found out by trying. */
function keyAccess(config: RegionDeployment['config'], ends: readonly string[], { buckets }: AwsSettings): readonly PolicyStatement[] {
  return ends.flatMap((name) => {
    const key = buckets[name]?.kmsKeyArn;
    const region = config.regions[name];
    if (key === undefined || region?.kind !== 's3') return [];
    return [throughS3(`Key${name.replace(/[^A-Za-z0-9]/g, '')}`, key, region.awsRegion)];
  });
}

/** The keys that routes name for what they write. Decrypt too: an upload in parts is put together with it. */
function overridingKeyAccess(config: RegionDeployment['config'], routes: readonly Route[]): readonly PolicyStatement[] {
  const regions = new Map<string, string>();
  for (const { to, kmsKeyArn } of routes) {
    const region = config.regions[to];
    if (kmsKeyArn !== undefined && region?.kind === 's3') regions.set(kmsKeyArn, region.awsRegion);
  }
  return [...regions].map(([key, awsRegion], index) => throughS3(`RouteKey${index + 1}`, key, awsRegion));
}

function throughS3(sid: string, key: string, awsRegion: string): PolicyStatement {
  return new PolicyStatement({
    sid,
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [key],
    conditions: { StringEquals: { 'kms:ViaService': `s3.${awsRegion}.amazonaws.com` } },
  });
}

function bucketOf(config: RegionDeployment['config'], name: string): string {
  const region = config.regions[name];
  if (region?.kind !== 's3') throw new TypeError(`region ${name} has no bucket`);
  return region.bucket;
}

/**
 * A prefix that holds a wildcard of IAM means the character. For a space stands any one character: cdk-nag cannot be told of
 * a resource that has one in its name.
 */
function literal(prefix: string): string {
  return prefix.replaceAll(/[*?$]/g, (character) => `\${${character}}`).replaceAll(' ', '?');
}

/** As cdk-nag names a finding. */
function asPrinted(arn: string): string {
  return arn.replaceAll('${', '<').replaceAll('}', '>');
}
