import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defineTidemark } from '../../lib/config/define.ts';
import { profileOf } from '../../lib/infra/commands/shell.ts';
import { whatStays } from '../../lib/infra/commands/what-stays.ts';
import { whatToTry } from '../../lib/infra/commands/what-to-try.ts';
import { whenItFails } from '../../lib/infra/commands/when-it-fails.ts';
import { notificationPrefix } from '../../lib/infra/notification-prefix.ts';
import { DEFAULT_SETTINGS } from '../../lib/infra/settings.ts';
import { EVENT_TYPES } from '../../lib/infra/store-events.ts';

const CONFIG = defineTidemark({
  name: 'acme',
  regions: {
    primary: { bucket: { create: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { create: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', prefix: "it's/" }],
});
const EXISTING = defineTidemark({
  name: 'acme',
  regions: {
    primary: { bucket: { existing: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { existing: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', prefix: 'in/' }],
});
const BY_QUEUE = { ...DEFAULT_SETTINGS, buckets: { primary: { events: 'sqs' as const } } };
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:acme-primary-QueuesEvents12AB34CD-x1Y2z3';
const OUTPUTS = {
  'acme-primary': {
    ApiUrl: 'https://api.example.com/',
    TableName: 'acme-table',
    DeadLetterUrl: 'https://sqs.example.com/dead',
    EventsQueueArn: QUEUE,
  },
};

const GATEWAY = defineTidemark({
  name: 'acme',
  regions: {
    primary: { bucket: { create: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { create: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', bidirectional: true }],
  gateway: { controlRegion: 'eu-central-1' },
});
const SERVED = {
  'acme-primary': { ...OUTPUTS['acme-primary'], GatewayUrl: 'https://one.example.com/' },
  'acme-secondary': { GatewayUrl: 'https://two.example.com/', AuditHeadsBucketName: 'acme-audit-111122223333' },
};

/** What the words are that a command of `program` gets from a shell. */
function wordsOf(program: string, line: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const script = `${program}() { printf '%s\\0' "$@"; }; ${line}`;
  const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { PATH: process.env.PATH ?? '', ...env } });
  return printed.split('\0').slice(0, -1);
}

function lineWith(text: string, part: string): string {
  return text.split('\n').find((line) => line.includes(part)) ?? '';
}

describe('of a gateway', () => {
  test('both addresses are told, with commands that carry the profile', () => {
    const text = whatToTry(GATEWAY, DEFAULT_SETTINGS, SERVED, 'ops');

    for (const url of ['https://one.example.com/', 'https://two.example.com/']) expect(text).toContain(url);
    expect(lineWith(text, 'put hello.txt - --stack acme-secondary')).toBe(
      "  echo hello | AWS_PROFILE='ops' npx tidemark put hello.txt - --stack acme-secondary --region us-east-1",
    );
  });

  test('its table and what was signed stay, wherever they are', () => {
    const lines = whatStays(GATEWAY, DEFAULT_SETTINGS, SERVED).split('\n');

    expect(lines).toContain('  eu-central-1  table acme-control');
    expect(lines).toContain('  us-east-1  bucket acme-audit-111122223333, whose objects nobody can remove for a year');
  });
});

describe('what to try', () => {
  test('is a write, its copy and its delivery, quoted for a shell', () => {
    expect(whatToTry(CONFIG, DEFAULT_SETTINGS, OUTPUTS).split('\n')).toEqual([
      'Region primary: https://api.example.com/',
      String.raw`  echo hello | aws s3 cp - 's3://acme-primary/it'\''s/hello.txt' --region eu-west-1`,
      String.raw`  aws s3 cp 's3://acme-secondary/it'\''s/hello.txt' - --region us-east-1`,
      expect.stringMatching(/^ {2}curl -s --aws-sigv4 aws:amz:eu-west-1:execute-api .*'https:\/\/api\.example\.com\/events\?limit=5'$/),
      '',
    ]);
  });

  test.each([
    ['keys that last', {}, []],
    ['keys of a session', { AWS_SESSION_TOKEN: 'a token' }, ['-H', 'x-amz-security-token: a token']],
  ])('with %s, the request is signed as AWS takes it', (_, session, token) => {
    const curl = lineWith(whatToTry(CONFIG, DEFAULT_SETTINGS, OUTPUTS), 'curl');

    const words = wordsOf('curl', curl, { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', ...session });

    expect(words).toEqual([
      '-s',
      '--aws-sigv4',
      'aws:amz:eu-west-1:execute-api',
      '-u',
      'id:secret',
      ...token,
      'https://api.example.com/events?limit=5',
    ]);
  });

  test('with tokens, the request carries one', () => {
    const settings = { ...DEFAULT_SETTINGS, jwt: { issuer: 'https://issuer.example.com', audience: ['tidemark'] } };

    expect(whatToTry(CONFIG, settings, OUTPUTS)).toContain('-H "Authorization: Bearer $TOKEN"');
  });

  test('with the profile of the deploy, every command has it', () => {
    const text = whatToTry(EXISTING, DEFAULT_SETTINGS, OUTPUTS, 'my own');
    const calls = text.split(/\baws (?=s3|s3api|configure)/).slice(1);

    expect(calls).toHaveLength(5);
    for (const call of calls) expect(call).toContain("--profile 'my own'");
    expect(text.indexOf('eval "$(aws configure export-credentials')).toBeLessThan(text.indexOf('curl'));
  });

  test('begins, for an existing bucket, with what turns EventBridge on', () => {
    const command = lineWith(whatToTry(EXISTING, DEFAULT_SETTINGS, OUTPUTS), 's3api');

    expect(command).toContain('put-bucket-notification-configuration --bucket acme-primary --region eu-west-1');
    expect(command).toContain('EventBridgeConfiguration: `{}`');
  });

  test('says of both existing buckets of a bidirectional route what turns EventBridge on', () => {
    const both = { ...EXISTING, routes: EXISTING.routes.map((route) => ({ ...route, bidirectional: { maxSkewMs: 0 } })) };
    const text = whatToTry(both, DEFAULT_SETTINGS, { ...OUTPUTS, 'acme-secondary': { TopicArn: 'arn:aws:sns:us-east-1:1:acme-secondary-changes' } });

    for (const bucket of ['acme-primary', 'acme-secondary']) {
      expect(text).toMatch(new RegExp(`put-bucket-notification-configuration --bucket ${bucket} .*EventBridgeConfiguration`));
    }
    expect(text).toContain('!contains(QueueArn, `":acme-secondary-QueuesEvents"`)');
  });

  test('begins, where the bucket tells the queue itself, with the configuration that does', () => {
    const command = lineWith(whatToTry(EXISTING, BY_QUEUE, OUTPUTS), 's3api');
    const [, added = ''] = /`(\[\{.*\}\])`/.exec(command) ?? [];

    expect(JSON.parse(added)).toEqual([
      { Id: 'tidemark', QueueArn: QUEUE, Events: EVENT_TYPES, Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'in/' }] } } },
    ]);
    expect(command).not.toContain('EventBridge');
  });
});

describe('what stays', () => {
  test('is named, as far as a deploy told of it', () => {
    const lines = whatStays(CONFIG, DEFAULT_SETTINGS, OUTPUTS).split('\n');

    expect(lines).toEqual(
      expect.arrayContaining(['  eu-west-1  bucket acme-primary', '  us-east-1  bucket acme-secondary', '  eu-west-1  table acme-table']),
    );
  });

  test('is to be found by a command where no deploy told of it', () => {
    const text = whatStays(CONFIG, DEFAULT_SETTINGS, {}, 'ops');

    expect(text).toContain('bucket acme-primary');
    const find = lineWith(text, 'list-tables').replace(/^.*; /, '');
    expect(wordsOf('aws', find)).toEqual([
      ...['dynamodb', 'list-tables', '--query', 'TableNames[?starts_with(@, `"acme-primary-"`)]', '--region', 'eu-west-1', '--profile', 'ops'],
    ]);
    expect(text).toContain("aws sqs list-queues --queue-name-prefix acme-primary-QueuesDeadLetters --region eu-west-1 --profile 'ops'");
    expect(text).not.toContain('list-tables --region us-east-1');
  });

  test.each([
    ['of a bucket that the stack made', CONFIG, DEFAULT_SETTINGS],
    ['of one that tells the queue itself', EXISTING, BY_QUEUE],
  ])('ends with how the notifications %s forget the queue that goes', (_, config, settings) => {
    const command = lineWith(whatStays(config, settings, OUTPUTS), 's3api');

    expect(command).toContain('!contains(QueueArn, `":acme-primary-QueuesEvents12AB34CD"`)');
    expect(lineWith(whatStays(config, settings, {}), 's3api')).toContain('!contains(QueueArn, `":acme-primary-QueuesEvents"`)');
  });

  test('ends with how the other bucket of a bidirectional route forgets the topic that goes', () => {
    const both = { ...CONFIG, routes: CONFIG.routes.map((route) => ({ ...route, bidirectional: { maxSkewMs: 0 } })) };
    const command = lineWith(whatStays(both, DEFAULT_SETTINGS, OUTPUTS).replace(/^.*--bucket acme-primary.*$/m, ''), 's3api');

    expect(command).toContain('--bucket acme-secondary');
    expect(command).toContain('TopicConfigurations: TopicConfigurations[?!ends_with(TopicArn, `":acme-secondary-changes"`)]');
  });

  test('says nothing of notifications that name no queue of the stack', () => {
    expect(whatStays(EXISTING, DEFAULT_SETTINGS, OUTPUTS)).not.toContain('s3api');
  });
});

test('the documentation has the commands that are printed, word for word', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/deploy.md'), 'utf8');
  const queryOf = (text: string): string => / --query ('[^']*')/.exec(lineWith(text, 's3api'))?.[1] ?? 'no query';
  const untold = { 'acme-primary': { ...OUTPUTS['acme-primary'], EventsQueueArn: 'arn:aws:sqs:eu-west-1:111122223333:acme-primary-QueuesEvents-x' } };

  expect(docs).toContain(queryOf(whatToTry(EXISTING, DEFAULT_SETTINGS, untold)));
  expect(docs).toContain(queryOf(whatStays(CONFIG, DEFAULT_SETTINGS, {})));
  expect(docs).toContain(EVENT_TYPES.map((type) => JSON.stringify(type)).join(', '));
});

test('a deploy that fails says what a bucket that is there already may be written as', () => {
  expect(whenItFails(CONFIG)).toContain("primary: { bucket: { existing: 'acme-primary' }");
  expect(whenItFails(EXISTING)).toBe('');
});

test.each([
  [['--profile', 'acme', '--all'], {}, 'acme'],
  [['--profile=acme'], { AWS_PROFILE: 'other' }, 'acme'],
  [['--all'], { AWS_PROFILE: 'other' }, 'other'],
  [['--all'], {}, undefined],
])('of %j and %j, the profile is %j', (args, env, profile) => {
  expect(profileOf(args, env)).toBe(profile);
});

test.each(['deploy', 'destroy'])('%s leaves the stacks of others alone where there is no configuration', (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-command-'));
  const command = join(import.meta.dirname, `../../lib/infra/commands/${name}.ts`);

  const { status, stdout, stderr } = spawnSync(process.execPath, [command, '--force'], { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('There is no tidemark.config.ts here');
});

test.each([
  [[''], ''],
  [['in/'], 'in/'],
  [['in/a/', 'in/b/'], 'in/'],
  [['in/', 'out/'], ''],
  [['in/ü/'], 'in/'],
  [['in/', ''], ''],
  [[], ''],
])('notifications of %j are filtered by %j', (prefixes, prefix) => {
  expect(notificationPrefix(prefixes)).toBe(prefix);
});
