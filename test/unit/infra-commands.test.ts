import { expect, test } from 'vitest';
import { defineTidemark } from '../../lib/config/define.ts';
import { whatStays } from '../../lib/infra/commands/what-stays.ts';
import { whatToTry } from '../../lib/infra/commands/what-to-try.ts';
import { notificationPrefix } from '../../lib/infra/notification-prefix.ts';
import { DEFAULT_SETTINGS } from '../../lib/infra/settings.ts';

const CONFIG = defineTidemark({
  name: 'acme',
  regions: {
    primary: { bucket: { create: 'acme-primary' }, awsRegion: 'eu-west-1' },
    secondary: { bucket: { create: 'acme-secondary' }, awsRegion: 'us-east-1' },
  },
  routes: [{ from: 'primary', to: 'secondary', prefix: "it's/" }],
});
const OUTPUTS = { 'acme-primary': { ApiUrl: 'https://api.example.com/', TableName: 'acme-table', DeadLetterUrl: 'https://sqs.example.com/dead' } };

test('what to try is a write, its copy and its delivery, quoted for a shell', () => {
  expect(whatToTry(CONFIG, DEFAULT_SETTINGS, OUTPUTS).split('\n')).toEqual([
    'Region primary: https://api.example.com/',
    String.raw`  echo hello | aws s3 cp - 's3://acme-primary/it'\''s/hello.txt' --region eu-west-1`,
    String.raw`  aws s3 cp 's3://acme-secondary/it'\''s/hello.txt' - --region us-east-1`,
    expect.stringMatching(/^ {2}curl -s --aws-sigv4 aws:amz:eu-west-1:execute-api .*'https:\/\/api\.example\.com\/events\?limit=5'$/),
    '',
  ]);
});

test('with tokens, the request carries one', () => {
  const settings = { ...DEFAULT_SETTINGS, jwt: { issuer: 'https://issuer.example.com', audience: ['tidemark'] } };

  expect(whatToTry(CONFIG, settings, OUTPUTS)).toContain('-H "Authorization: Bearer $TOKEN"');
});

test('what stays is named, as far as a deploy told of it', () => {
  const lines = whatStays(CONFIG, OUTPUTS).split('\n');

  expect(lines).toEqual(
    expect.arrayContaining(['  eu-west-1  bucket acme-primary', '  us-east-1  bucket acme-secondary', '  eu-west-1  table acme-table']),
  );
  expect(whatStays(CONFIG, {})).toContain('bucket acme-primary');
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
