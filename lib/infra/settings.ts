/** What the app on AWS is told beside the configuration: the named export `aws` of tidemark.config.ts. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as z from 'zod';
import { check, rule, sentence, strict } from '../config/field-problems.ts';
import { kmsKeyArn } from '../config/kms-key.ts';
import { TidemarkError } from '../core/errors.ts';

export interface JwtSettings {
  /** As the tokens name it; its /.well-known/openid-configuration is read by API Gateway. */
  readonly issuer: string;
  readonly audience: readonly string[];
}

export interface ReplaySettings {
  /** Of one call, seconds. A queue's visibility timeout is six times as long: that is when the work of a killed call comes back. */
  readonly timeoutSec: number;
  readonly memoryMb: number;
  /** Calls at the same time that work off a region's events. */
  readonly maxConcurrency: number;
  /** Messages a call, 1 to 10. */
  readonly batchSize: number;
}

export interface BucketSettings {
  /** The bucket's default encryption, or, of an existing bucket, the key that its owner uses. */
  readonly kmsKeyArn?: string;
  /** Of an existing bucket, where it is another's. */
  readonly account?: string;
  /** How an existing source tells of changes: by EventBridge, or by a notification to the queue that its owner adds. */
  readonly events: 'eventbridge' | 'sqs';
}

/** Who is told of alarms. */
export type AlarmSettings = { readonly topicArn: string } | { readonly email: string };

export interface AwsSettings {
  /** Undefined: IAM, each request signed. */
  readonly jwt?: JwtSettings;
  readonly replay: ReplaySettings;
  readonly logRetentionDays: number;
  /** From one comparison of a route's whole listings to the next: what no event told is found by it. */
  readonly reconcileHours: number;
  /** X-Ray. */
  readonly tracing: boolean;
  /** By region. */
  readonly buckets: Readonly<Record<string, BucketSettings>>;
  /** Undefined: they show on the dashboard alone. */
  readonly alarms?: AlarmSettings;
}

/** Each field with its default of DEFAULT_SETTINGS. */
export interface AwsInput {
  readonly jwt?: JwtSettings;
  readonly replay?: Partial<ReplaySettings>;
  readonly logRetentionDays?: number;
  readonly reconcileHours?: number;
  readonly tracing?: boolean;
  readonly buckets?: Readonly<Record<string, Partial<BucketSettings>>>;
  /** Either the topic of SNS that is told, in the region of each stack, or an address, for which each stack makes one. */
  readonly alarms?: AlarmSettings;
}

export const DEFAULT_SETTINGS: AwsSettings = {
  replay: { timeoutSec: 300, memoryMb: 512, maxConcurrency: 50, batchSize: 10 },
  logRetentionDays: 30,
  reconcileHours: 24,
  tracing: false,
  buckets: {},
};

export const DEFAULT_BUCKET: BucketSettings = { events: 'eventbridge' };

const retentions = Object.values(RetentionDays).filter((days) => typeof days === 'number' && days !== RetentionDays.INFINITE);

const settingsSchema = strict({
  jwt: z.optional(strict({ issuer: z.url({ protocol: /^https$/ }), audience: z.array(z.string().min(1)).min(1) })),
  replay: z.optional(
    strict({
      timeoutSec: z.optional(z.int().min(10).max(900)),
      memoryMb: z.optional(z.int().min(256).max(10_240)),
      maxConcurrency: z.optional(z.int().min(2).max(1000)),
      batchSize: z.optional(z.int().min(1).max(10)),
    }),
  ),
  logRetentionDays: z.optional(
    rule(z.int(), (days) => retentions.includes(days), 'CloudWatch keeps logs for other lengths of time', 'Give 7, 14, 30, 90 or 365.'),
  ),
  reconcileHours: z.optional(z.int().min(1).max(744)),
  tracing: z.optional(z.boolean()),
  alarms: z.optional(
    rule(
      strict({
        topicArn: z.optional(
          rule(
            z.string(),
            (arn) => /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]{1,256}$/.test(arn),
            'it is no ARN of a topic of SNS',
            'Give it as "arn:aws:sns:eu-west-1:111122223333:alarms".',
          ),
        ),
        email: z.optional(z.email()),
      }),
      ({ topicArn, email }) => (topicArn === undefined) !== (email === undefined),
      'alarms are told to a topic or to an address',
      'Give { topicArn: "arn:aws:sns:…" } or { email: "ops@example.com" }.',
    ),
  ),
  buckets: z.optional(
    z.record(
      z.string(),
      strict({
        kmsKeyArn: z.optional(kmsKeyArn),
        account: z.optional(rule(z.string(), (id) => /^\d{12}$/.test(id), 'an account has twelve digits', 'Give it as "111122223333".')),
        events: z.optional(z.enum(['eventbridge', 'sqs'])),
      }),
    ),
  ),
});

/** @throws TidemarkError INVALID_CONFIG that names every wrong field with its fix */
export function checkedSettings(input: unknown, regions: readonly string[]): AwsSettings {
  const checked = check(settingsSchema, input, 'aws');
  const problems = checked.ok ? unknownRegions(Object.keys(checked.value.buckets ?? {}), regions) : checked.problems;
  if (!checked.ok || problems.length > 0) {
    const lines = problems.map((problem) => `\n  ${sentence(problem)}`);
    throw new TidemarkError('INVALID_CONFIG', `the export aws has problems:${lines.join('')}`, { problems });
  }
  const { jwt, replay = {}, logRetentionDays, reconcileHours, tracing, buckets = {}, alarms } = checked.value;
  const defaults = DEFAULT_SETTINGS.replay;
  return {
    ...(jwt ? { jwt } : {}),
    replay: {
      timeoutSec: replay.timeoutSec ?? defaults.timeoutSec,
      memoryMb: replay.memoryMb ?? defaults.memoryMb,
      maxConcurrency: replay.maxConcurrency ?? defaults.maxConcurrency,
      batchSize: replay.batchSize ?? defaults.batchSize,
    },
    logRetentionDays: logRetentionDays ?? DEFAULT_SETTINGS.logRetentionDays,
    reconcileHours: reconcileHours ?? DEFAULT_SETTINGS.reconcileHours,
    tracing: tracing ?? DEFAULT_SETTINGS.tracing,
    buckets: Object.fromEntries(
      Object.entries(buckets).map(([region, { kmsKeyArn, account, events }]) => [
        region,
        { ...(kmsKeyArn ? { kmsKeyArn } : {}), ...(account ? { account } : {}), events: events ?? DEFAULT_BUCKET.events },
      ]),
    ),
    ...told(alarms),
  };
}

function told(alarms: { readonly topicArn?: string | undefined; readonly email?: string | undefined } = {}): Pick<AwsSettings, 'alarms'> {
  const { topicArn, email } = alarms;
  if (topicArn !== undefined) return { alarms: { topicArn } };
  return email === undefined ? {} : { alarms: { email } };
}

function unknownRegions(named: readonly string[], regions: readonly string[]): readonly { field: string; message: string; fix: string }[] {
  return named
    .filter((region) => !regions.includes(region))
    .map((region) => ({ field: `buckets.${region}`, message: 'there is no such region', fix: `Name one of the regions: ${regions.join(', ')}.` }));
}
