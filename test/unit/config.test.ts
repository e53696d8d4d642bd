import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../lib/config/config.ts';
import { checkedConfig, defineTidemark, type TidemarkInput } from '../../lib/config/define.ts';
import { loadTidemark } from '../../lib/config/load.ts';
import { TidemarkError } from '../../lib/core/errors.ts';

const FOLDERS: TidemarkInput = {
  regions: { primary: { folder: './a' }, secondary: { folder: './b' }, third: { folder: './c' } },
  routes: [{ from: 'primary', to: 'secondary' }],
};

const KMS_KEY = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

function refused(input: unknown): string {
  try {
    checkedConfig(input, 'the configuration');
  } catch (error) {
    expect(error).toBeInstanceOf(TidemarkError);
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    return error instanceof Error ? error.message : '';
  }
  return 'it was accepted';
}

const withRegion = (region: Record<string, unknown>): unknown => ({ ...FOLDERS, regions: { ...FOLDERS.regions, primary: region } });
const withRoutes = (...routes: readonly Record<string, unknown>[]): unknown => ({ ...FOLDERS, routes });
/** A route to a bucket in eu-west-1. */
const withBucket = (route: Record<string, unknown>, changes: Record<string, unknown> = {}): unknown => ({
  regions: { primary: { folder: './a' }, secondary: bucket(changes) },
  routes: [{ from: 'primary', to: 'secondary', ...route }],
});
const bucket = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  bucket: { existing: 'acme' },
  awsRegion: 'eu-west-1',
  ...changes,
});

describe('a configuration that is right', () => {
  it.each([
    [true, { maxSkewMs: 60_000 }],
    [{ prefer: 'secondary' }, { prefer: 'secondary', maxSkewMs: 60_000 }],
    [{ maxSkewMs: 5 }, { maxSkewMs: 5 }],
    [false, undefined],
  ])('resolves bidirectional %o', (bidirectional, resolved) => {
    const { routes } = defineTidemark({ ...FOLDERS, routes: [{ from: 'primary', to: 'secondary', bidirectional }] });
    expect(routes[0]?.bidirectional).toEqual(resolved);
  });

  it('is resolved with every default in its place', () => {
    const config = defineTidemark({
      regions: {
        primary: { bucket: { create: 'acme-primary' }, awsRegion: 'eu-west-1' },
        secondary: {
          bucket: { existing: 'acme-secondary' },
          awsRegion: 'us-east-1',
          endpoint: 'http://127.0.0.1:9000',
          credentials: { accessKeyEnv: 'SECONDARY_KEY', secretKeyEnv: 'SECONDARY_SECRET' },
        },
        archive: { folder: './archive' },
        third: { bucket: { existing: 'acme-third' }, awsRegion: 'us-east-1' },
      },
      routes: [
        { from: 'primary', to: 'secondary' },
        { from: 'primary', to: 'archive', name: 'contracts', prefix: 'contracts/', deletes: false },
        { from: 'archive', to: 'third', destinationPrefix: 'archive/', storageClass: 'STANDARD_IA', kmsKeyArn: KMS_KEY },
      ],
      limits: { leaseSec: 30 },
    });

    expect(config).toEqual({
      name: 'tidemark',
      regions: {
        primary: { kind: 's3', name: 'primary', awsRegion: 'eu-west-1', bucket: 'acme-primary', create: true, forcePathStyle: false },
        secondary: {
          kind: 's3',
          name: 'secondary',
          awsRegion: 'us-east-1',
          bucket: 'acme-secondary',
          create: false,
          endpoint: 'http://127.0.0.1:9000',
          forcePathStyle: true,
          credentials: { accessKeyEnv: 'SECONDARY_KEY', secretKeyEnv: 'SECONDARY_SECRET' },
        },
        archive: { kind: 'folder', name: 'archive', path: './archive' },
        third: { kind: 's3', name: 'third', awsRegion: 'us-east-1', bucket: 'acme-third', create: false, forcePathStyle: false },
      },
      routes: [
        { name: 'primary-secondary', from: 'primary', to: 'secondary', prefix: '', deletes: true },
        { name: 'contracts', from: 'primary', to: 'archive', prefix: 'contracts/', deletes: false },
        {
          name: 'archive-third',
          from: 'archive',
          to: 'third',
          prefix: '',
          deletes: true,
          destinationPrefix: 'archive/',
          storageClass: 'STANDARD_IA',
          kmsKeyArn: KMS_KEY,
        },
      ],
      limits: { ...DEFAULT_LIMITS, leaseSec: 30 },
    });
  });

  it.each<readonly [string, unknown]>([
    ['two regions that are both written', withRoutes({ from: 'primary', to: 'secondary', bidirectional: { prefer: 'secondary', maxSkewMs: 0 } })],
    [
      'a chain that begins with two regions that are both written',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true }, { from: 'secondary', to: 'third', prefix: 'a/' }),
    ],
    [
      'pairs that share a region and no key',
      withRoutes(
        { from: 'primary', to: 'secondary', bidirectional: true, prefix: 'a/' },
        { from: 'secondary', to: 'third', bidirectional: true, prefix: 'b/' },
      ),
    ],
    ['a chain of routes', withRoutes({ from: 'primary', to: 'secondary' }, { from: 'secondary', to: 'third' })],
    [
      'two routes of the same ends with prefixes that share no key',
      withRoutes({ from: 'primary', to: 'secondary', prefix: 'a/' }, { from: 'primary', to: 'secondary', prefix: 'b/', name: 'b' }),
    ],
    [
      'both directions of prefixes that share no key',
      withRoutes({ from: 'primary', to: 'secondary', prefix: 'a/' }, { from: 'secondary', to: 'primary', prefix: 'b/' }),
    ],
    [
      'two sources that a prefix keeps apart at one destination',
      withRoutes({ from: 'primary', to: 'third', destinationPrefix: 'one/' }, { from: 'secondary', to: 'third', destinationPrefix: 'two/' }),
    ],
    [
      'both directions, where no copy is in the scope of the way back',
      withRoutes(
        { from: 'primary', to: 'secondary', prefix: 'a/', destinationPrefix: 'copies/' },
        { from: 'secondary', to: 'primary', prefix: 'a/', destinationPrefix: 'copies/' },
      ),
    ],
    [
      'a way back that leads out of the scope of the way there',
      withRoutes({ from: 'primary', to: 'secondary', prefix: 'a/' }, { from: 'secondary', to: 'primary', destinationPrefix: 'back/' }),
    ],
    [
      'a way there that leads out of the scope of the way back',
      withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: 'there/' }, { from: 'secondary', to: 'primary', prefix: 'a/' }),
    ],
    ['a destination prefix that is empty', withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: '' })],
    [
      'a key of another place for a store that is not AWS',
      withBucket({ kmsKeyArn: KMS_KEY, storageClass: 'GLACIER_IR' }, { endpoint: 'http://127.0.0.1:9000' }),
    ],
    [
      'the same bucket name at two endpoints',
      { ...FOLDERS, regions: { primary: bucket(), secondary: bucket({ endpoint: 'http://127.0.0.1:9000' }) } },
    ],
  ])('may hold %s', (_what, input) => {
    expect(refused(input)).toBe('it was accepted');
  });

  it('is what the example shows', async () => {
    const { default: example } = await import('../../tidemark.config.example.ts');

    expect(example.routes.map(({ name }) => name)).toEqual(['primary-secondary', 'primary-archive', 'reports']);
  });
});

describe('a configuration that is wrong', () => {
  it.each<readonly [path: string, fix: string, input: unknown]>([
    ['configuration: expected an object', 'Give an object', []],
    ['regions: it is missing', 'Give an object', { routes: FOLDERS.routes }],
    ['routes: expected at least 1 entries', 'Give at least 1', withRoutes()],
    ['rotues: there is no such field', 'Known here: name, regions, routes, limits', { ...FOLDERS, rotues: [] }],
    ['name: a name has 1 to 40', 'Rename it', { ...FOLDERS, name: 'Tide Mark' }],
    ['regions.EU: a name has 1 to 40', 'Rename the region', { ...FOLDERS, regions: { ...FOLDERS.regions, EU: { folder: './eu' } } }],
    ['regions.primary: a region is either a folder or a bucket', 'Give { folder:', withRegion({})],
    ['regions.primary: a region is either a folder or a bucket', 'Give { folder:', withRegion(bucket({ folder: './a' }))],
    ['regions.primary.folder: a folder has a path', './data/regions/primary', withRegion({ folder: '' })],
    ['regions.primary.endpoint: a folder has none', 'Remove it', withRegion({ folder: './a', endpoint: 'http://127.0.0.1:9000' })],
    ['regions.primary.folderr: there is no such field', 'Known here: folder, bucket', withRegion({ folderr: './a' })],
    ['regions.primary.awsRegion: it is missing', 'eu-west-1', withRegion({ bucket: { existing: 'acme' } })],
    ['regions.primary.awsRegion: a region of AWS', 'eu-west-1', withRegion(bucket({ awsRegion: 'Ireland (Dublin)' }))],
    [
      'regions.primary.bucket: a bucket either exists or is created',
      '{ create: "name" }',
      withRegion(bucket({ bucket: { existing: 'acme', create: 'acme' } })),
    ],
    ['regions.primary.bucket.existing: a bucket name has 3 to 63', 'acme-primary', withRegion(bucket({ bucket: { existing: 'ab' } }))],
    ['regions.primary.bucket.existing: a bucket name holds lowercase', 'acme-primary', withRegion(bucket({ bucket: { existing: 'Acme_1' } }))],
    ['regions.primary.bucket.existing: a bucket name begins and ends', 'acme-primary', withRegion(bucket({ bucket: { existing: '-acme' } }))],
    ['regions.primary.bucket.existing: a bucket name holds no two dots', 'acme-primary', withRegion(bucket({ bucket: { existing: 'ac..me' } }))],
    ['regions.primary.bucket.existing: a bucket name is no IP', 'acme-primary', withRegion(bucket({ bucket: { existing: '10.0.0.1' } }))],
    [
      'regions.primary.bucket.create: bucket names with "-s3alias" are reserved',
      'acme-primary',
      withRegion(bucket({ bucket: { create: 'acme-s3alias' } })),
    ],
    [
      'regions.primary.bucket.create: only buckets of AWS',
      '{ existing: "name" }',
      withRegion(bucket({ bucket: { create: 'acme' }, endpoint: 'http://127.0.0.1:9000' })),
    ],
    ['regions.primary.endpoint: an endpoint is', 'http://127.0.0.1:9000', withRegion(bucket({ endpoint: 'localhost:9000' }))],
    ['regions.primary.endpoint: an endpoint is', 'without', withRegion(bucket({ endpoint: 'http://user:secret@127.0.0.1:9000' }))],
    ['regions.primary.forcePathStyle: expected true or false, got a text', 'Give true or false', withRegion(bucket({ forcePathStyle: 'yes' }))],
    ['regions.primary.credentials.secretKeyEnv: it is missing', 'Give a text', withRegion(bucket({ credentials: { accessKeyEnv: 'KEY' } }))],
    [
      'regions.primary.credentials.secretKeyEnv: expected the name of',
      'into the environment',
      withRegion(bucket({ credentials: { accessKeyEnv: 'KEY', secretKeyEnv: 'wJalr/XUtnFEMI' } })),
    ],
    [
      'regions.secondary: it holds the same objects as region "primary"',
      'of its own',
      { ...FOLDERS, regions: { primary: { folder: './a' }, secondary: { folder: 'a/' } } },
    ],
    [
      'regions.secondary: it holds the same objects',
      'of its own',
      { ...FOLDERS, regions: { primary: { folder: './a' }, secondary: { folder: 'a/inner' } } },
    ],
    ['regions.secondary: it holds the same objects', 'of its own', { ...FOLDERS, regions: { primary: bucket(), secondary: bucket() } }],
    ['routes[0].to: there is no region "teriary"', 'primary, secondary, third', withRoutes({ from: 'primary', to: 'teriary' })],
    ['routes[0].from: there is no region "__proto__"', 'primary, secondary, third', withRoutes({ from: '__proto__', to: 'primary' })],
    ['routes[0].to: a route leads to another region', 'Name another region', withRoutes({ from: 'primary', to: 'primary' })],
    ['routes[0].name: a name has 1 to 40', 'Rename it', withRoutes({ from: 'primary', to: 'secondary', name: 'a.b' })],
    ['routes[0].prefix: a prefix is', '1,024 bytes', withRoutes({ from: 'primary', to: 'secondary', prefix: 'é'.repeat(513) })],
    ['routes[0].deletes: expected true or false, got null', 'Give true or false', withRoutes({ from: 'primary', to: 'secondary', deletes: null })],
    [
      'routes[1].name: routes[0] has the name "copy" already',
      'of its own',
      withRoutes({ from: 'primary', to: 'secondary', name: 'copy' }, { from: 'primary', to: 'third', name: 'copy' }),
    ],
    [
      'routes[1].prefix: routes[0] carries keys that this one carries too',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true }, { from: 'secondary', to: 'primary', prefix: 'a/' }),
    ],
    [
      'routes[1].prefix: routes[0] carries keys that this one carries too',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true }, { from: 'secondary', to: 'primary', bidirectional: true }),
    ],
    [
      'routes[1].prefix: routes[0] writes keys that this one writes too, from another region',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true }, { from: 'secondary', to: 'third', bidirectional: true }),
    ],
    [
      'routes[1].prefix: routes[0] writes keys that this one writes too, from another region',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true }, { from: 'third', to: 'secondary', prefix: 'a/' }),
    ],
    [
      'routes[2]: this route closes a circle',
      'share no key',
      withRoutes(
        { from: 'primary', to: 'secondary', bidirectional: true, prefix: 'a/' },
        { from: 'secondary', to: 'third', prefix: 'a/', destinationPrefix: 'x/' },
        { from: 'third', to: 'primary', prefix: 'x/a/', destinationPrefix: 'a/' },
      ),
    ],
    [
      'routes[0].destinationPrefix: a bidirectional route has the same keys on both sides',
      'leave out bidirectional',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true, destinationPrefix: 'copies/' }),
    ],
    [
      'routes[0].minBytes: a bidirectional route carries every object of its keys',
      'choose them by prefix and suffix',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: true, minBytes: 1 }),
    ],
    [
      'routes[0].bidirectional.prefer: "third" is neither end of this route',
      'Name "primary" or "secondary"',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: { prefer: 'third' } }),
    ],
    [
      'routes[0].bidirectional.maxSkewMs: expected at least 0',
      'Give at least 0',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: { maxSkewMs: -1 } }),
    ],
    [
      'routes[0].bidirectional: expected an object, got a text',
      'Give an object',
      withRoutes({ from: 'primary', to: 'secondary', bidirectional: 'both' }),
    ],
    [
      'routes[1].prefix: routes[0] carries keys that this one carries too',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', prefix: 'a' }, { from: 'primary', to: 'secondary', prefix: 'a/b', name: 'x' }),
    ],
    [
      'routes[1].prefix: routes[0] writes keys that this one writes too',
      'share no key',
      withRoutes({ from: 'primary', to: 'third' }, { from: 'secondary', to: 'third' }),
    ],
    [
      'routes[1]: this route closes a circle back to "primary"',
      'are one route with bidirectional: true',
      withRoutes({ from: 'primary', to: 'secondary' }, { from: 'secondary', to: 'primary' }),
    ],
    [
      'routes[2]: this route closes a circle',
      'bidirectional',
      withRoutes({ from: 'primary', to: 'secondary' }, { from: 'secondary', to: 'third' }, { from: 'third', to: 'primary', prefix: 'a/' }),
    ],
    [
      'routes[1].prefix: routes[0] carries keys that this one carries too',
      'share no key',
      withRoutes(
        { from: 'primary', to: 'secondary', destinationPrefix: 'a/' },
        { from: 'primary', to: 'secondary', destinationPrefix: 'b/', name: 'x' },
      ),
    ],
    [
      'routes[1].prefix: routes[0] writes keys that this one writes too',
      'share no key',
      withRoutes(
        { from: 'primary', to: 'secondary', prefix: 'a/b/' },
        { from: 'primary', to: 'secondary', prefix: 'b/', destinationPrefix: 'a/', name: 'x' },
      ),
    ],
    [
      'routes[1].prefix: routes[0] writes keys that this one writes too, from another region',
      'share no key',
      withRoutes({ from: 'primary', to: 'third', destinationPrefix: 'a/' }, { from: 'secondary', to: 'third', prefix: 'a/b' }),
    ],
    [
      'routes[1]: this route closes a circle back to "primary"',
      'share no key',
      withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: 'copies/' }, { from: 'secondary', to: 'primary' }),
    ],
    [
      'routes[2]: this route closes a circle',
      'share no key',
      withRoutes(
        { from: 'primary', to: 'secondary', prefix: 'b/', destinationPrefix: 'a/' },
        { from: 'secondary', to: 'third', prefix: 'a/b/', destinationPrefix: 'x/' },
        { from: 'third', to: 'primary', prefix: 'x/a/b/', destinationPrefix: 'b/' },
      ),
    ],
    [
      'routes[0].destinationPrefix: a prefix is the beginning of a key',
      'without NUL',
      withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: 'a\0' }),
    ],
    [
      'routes[0].destinationPrefix: what lies there is removed',
      'Give another one',
      withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: '.tidemark-probe/x/' }),
    ],
    [
      'routes[0]: destinationPrefix and prefix together are longer than any key',
      'for both',
      withRoutes({ from: 'primary', to: 'secondary', destinationPrefix: 'a'.repeat(1000), prefix: 'b'.repeat(25) }),
    ],
    ['routes[0].storageClass: a storage class has capital letters', 'as "STANDARD_IA"', withBucket({ storageClass: 'standard-ia' })],
    ['routes[0].storageClass: a folder has none', 'lead to a bucket', withRoutes({ from: 'primary', to: 'secondary', storageClass: 'GLACIER_IR' })],
    ['routes[0].kmsKeyArn: a folder has none', 'lead to a bucket', withRoutes({ from: 'primary', to: 'secondary', kmsKeyArn: KMS_KEY })],
    ['routes[0].kmsKeyArn: this is no ARN of a KMS key', 'an alias does not do', withBucket({ kmsKeyArn: 'alias/mine' })],
    [
      'routes[0].kmsKeyArn: this key lies in us-east-1, and the bucket of region "secondary" in eu-west-1',
      'Name a key of eu-west-1',
      withBucket({ kmsKeyArn: KMS_KEY }),
    ],
    ['limits.maxRetries: expected at least 1, got 0', 'Give at least 1', { ...FOLDERS, limits: { maxRetries: 0 } }],
    ['limits.leaseSec: expected at most 900, got 9000', 'Give at most 900', { ...FOLDERS, limits: { leaseSec: 9000 } }],
    ['limits.concurrency: expected a whole number, got 1.5', 'Give a whole number', { ...FOLDERS, limits: { concurrency: 1.5 } }],
    ['limits.maxRetrys: there is no such field', 'Known here: maxRetries', { ...FOLDERS, limits: { maxRetrys: 3 } }],
  ])('says "%s" and how to mend it', (path, fix, input) => {
    const message = refused(input);

    expect(message).toContain(path);
    expect(message).toContain(fix);
  });

  it('is told of all its problems at once', () => {
    const message = refused({
      regions: { primary: { folder: '' }, secondary: { folder: 5 } },
      routes: [{ from: 'primary' }],
      limits: { leaseSec: -1 },
    });

    for (const path of ['regions.primary.folder:', 'regions.secondary.folder:', 'routes[0].to:', 'limits.leaseSec:']) expect(message).toContain(path);
  });

  it('never shows a secret that was put into it by mistake', () => {
    const secrets = { accessKeyEnv: 'AKIAIOSFODNN7EXAMPLE', secretKeyEnv: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
    const message = refused(withRegion(bucket({ credentials: secrets })));

    expect(message).toContain('credentials.accessKeyEnv');
    for (const secret of Object.values(secrets)) expect(message).not.toContain(secret);
  });
});

describe('loading', () => {
  const folders: string[] = [];
  const folder = async (text?: string): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'tidemark-config-'));
    folders.push(path);
    if (text !== undefined) await writeFile(join(path, 'tidemark.config.ts'), text);
    return path;
  };
  afterEach(async () => {
    for (const path of folders.splice(0)) await rm(path, { recursive: true, force: true });
  });

  it('takes the file where there is one, and the host from the environment all the same', async () => {
    const define = resolve(import.meta.dirname, '../../lib/config/define.ts');
    const path = await folder(
      `import { defineTidemark } from ${JSON.stringify(define)};\nexport default defineTidemark({ regions: { a: { folder: 'a' }, b: { folder: 'b' } }, routes: [{ from: 'a', to: 'b' }] });`,
    );

    const { config, host } = await loadTidemark(path, { PORT: '9000', PRIMARY_S3_BUCKET: 'not-asked' });

    expect(config.routes).toEqual([{ name: 'a-b', from: 'a', to: 'b', prefix: '', deletes: true }]);
    expect(host).toEqual({ port: 9000, host: '127.0.0.1', databaseUrl: 'data/replication_cdc.db' });
  });

  it('checks a file that exports a plain object too', async () => {
    const path = await folder(`export default { regions: { a: { folder: 'a' } }, routes: [{ from: 'a', to: 'b' }] };`);

    await expect(loadTidemark(path, {})).rejects.toThrow(/tidemark\.config\.ts has a problem:\n {2}routes\[0\]\.to: there is no region "b"/);
  });

  it.each([
    ['no default export', 'export const config = {};', 'has no default export'],
    ['something that does not load', 'export default missing;', 'cannot be loaded: missing is not defined'],
  ])('refuses %s', async (_what, text, message) => {
    const path = await folder(text);

    await expect(loadTidemark(path, {})).rejects.toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining(message) });
  });

  it('takes the environment where there is no file', async () => {
    const { config } = await loadTidemark(await folder(), {});

    expect(Object.keys(config.regions)).toEqual(['primary', 'secondary']);
  });
});
