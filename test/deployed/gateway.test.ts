/** The gateway on AWS: an API and an observer in each of its two regions, one record that both decide by. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, expect, it } from 'vitest';
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import { isEntry } from '../../lib/core/audit/entry.ts';
import type { SignedHead } from '../../lib/core/audit/head.ts';
import { checkTrail } from '../../lib/usecases/audit/check-trail.ts';
import { seenHead } from '../../lib/usecases/audit/head.ts';
import { seenEntry } from '../../lib/usecases/audit/stored.ts';
import { type Ended, tidemark } from '../embedded/cli.ts';
import { describeDeployed, PATIENCE, Pair } from './client.ts';
import { DESTINATION_REGION, PAIRS, SOURCE_REGION, stackOf } from './deployment.ts';
import { GatewayApi } from './gateway-api.ts';

const { source: HOME, destination: AWAY } = PAIRS.gateway;
/** More than Lambda answers, and less than it takes. */
const LARGE = Buffer.alloc(5_000_000, 'large ');

describeDeployed('a gateway', () => {
  const pair = new Pair('gateway');
  const home = new GatewayApi(HOME, SOURCE_REGION);
  const away = new GatewayApi(AWAY, DESTINATION_REGION);
  const faults = pair.faults('gateway');
  afterEach(() => faults.clear());

  it('writes at the active region and reads there, from either region', async () => {
    const put = await away.send('PUT', '/objects/docs/read%20me.md', {
      body: '# Read me',
      headers: { 'content-type': 'text/markdown', 'x-amz-meta-author': 'Ada' },
    });
    expect(put).toMatchObject({ status: 201, headers: { 'x-tidemark-region': HOME } });
    expect(JSON.parse(put.text)).toMatchObject({ key: 'docs/read me.md', region: HOME, epoch: 1, size: 9 });

    for (const api of [home, away]) {
      const got = await api.send('GET', '/objects/docs/read%20me.md');
      expect(got).toMatchObject({
        status: 200,
        text: '# Read me',
        headers: { 'content-type': 'text/markdown', 'x-amz-meta-author': 'Ada', 'x-tidemark-served-by': 'active' },
      });
    }
    await pair.arrives('docs/read me.md', '# Read me');
    expect(await home.ask('GET', '/replication/docs/read%20me.md')).toMatchObject({ status: 200, body: { state: 'equal', active: HOME } });
  });

  it('removes, and answers conditions and ranges as HTTP has them', async () => {
    const { headers } = await home.send('PUT', '/objects/life.txt', { body: '0123456789' });
    const etag = String(headers.etag);
    expect(await home.send('GET', '/objects/life.txt', { headers: { range: 'bytes=2-4' } })).toMatchObject({ status: 206, text: '234' });
    expect(await away.send('GET', '/objects/life.txt', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' });
    expect(await away.send('PUT', '/objects/life.txt', { body: 'x', headers: { 'if-none-match': '*' } })).toMatchObject({ status: 412 });
    expect(await home.send('HEAD', '/objects/life.txt')).toMatchObject({ status: 200, headers: { etag }, text: '' });

    expect(await away.send('DELETE', '/objects/life.txt')).toMatchObject({ status: 204, text: '' });

    expect(await home.send('GET', '/objects/life.txt')).toMatchObject({ status: 404 });
    await pair.goes('life.txt');
  });

  // API Gateway decodes a path before it hands it over, all but the percent sign itself; the emulator does so too.
  it.each([
    ['an encoded slash', 'en%2Fcoded.txt', 'en/coded.txt'],
    ['a percent sign', '100%25/50%2525.txt', '100%/50%25.txt'],
    ['an escape of an escape', 'a%252Fb.txt', 'a%2Fb.txt'],
    ['plus and spaces', 'a+b%20c%2Bd.txt', 'a+b c+d.txt'],
    ['emoji', '%F0%9F%98%80/%C3%A9.txt', '😀/é.txt'],
  ])('takes the key once decoded: %s', async (_what, path, key) => {
    expect(await away.send('PUT', `/objects/${path}`, { body: key })).toMatchObject({ status: 201 });

    expect(await pair.source.text(key)).toBe(key);
    expect((await home.send('GET', `/objects/${path}`)).text).toBe(key);
  });

  it('leads past what Lambda lets through: by an address to write at, and by one to read from', async () => {
    const refused = await home.send('PUT', '/objects/large.bin', { body: LARGE, headers: { 'content-type': 'application/x-large' } });
    expect(refused.status).toBe(413);
    const [, call = ''] = /POST \/sign (\{.*?\})/.exec(JSON.parse(refused.text).errors[0].fix) ?? [];

    const { body: to } = await away.ask('POST', '/sign', JSON.parse(call));
    const written = await fetch(String(to.url), { method: 'PUT', body: LARGE, headers: to.headers as Record<string, string> });
    expect(written.status).toBe(200);
    const read = await away.send('GET', '/objects/large.bin');

    expect(read).toMatchObject({ status: 307, text: '', headers: { 'x-tidemark-region': HOME } });
    const followed = await fetch(String(read.headers.location));
    expect(followed.headers.get('content-type')).toBe('application/x-large');
    expect(Buffer.from(await followed.arrayBuffer()).equals(LARGE)).toBe(true);
    // A part that is small enough is answered.
    const part = await home.send('GET', '/objects/large.bin', { headers: { range: 'bytes=4999990-' } });
    expect(part).toMatchObject({ status: 206, bytes: LARGE.subarray(4_999_990) });
    expect(await home.send('HEAD', '/objects/large.bin')).toMatchObject({ status: 200 });
  });

  it('carries objects of either size by the command line, which finds its way by itself', async () => {
    const { endpoint, certificatePath, credentials } = pair.deployment;
    const env = {
      AWS_ENDPOINT_URL: endpoint,
      NODE_EXTRA_CA_CERTS: certificatePath,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const nodeOptions = ['--import', join(import.meta.dirname, 'api-host.ts')];
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-deployed-'));
    const run = (...args: readonly string[]): Promise<Ended> =>
      tidemark([...args, '--json', '--stack', stackOf(AWAY), '--region', DESTINATION_REGION], { env, cwd: folder, nodeOptions });
    await Promise.all([writeFile(join(folder, 'large.bin'), LARGE), writeFile(join(folder, 'small.bin'), 'small')]);

    const puts = await Promise.all([
      run('put', 'by cli/large.bin', 'large.bin', '--metadata', 'for=me'),
      run('put', 'by cli/small.bin', 'small.bin'),
    ]);
    const gets = await Promise.all([run('get', 'by cli/large.bin', 'got.large'), run('get', 'by cli/small.bin', 'got.small')]);
    const got = await Promise.all([readFile(join(folder, 'got.large')), readFile(join(folder, 'got.small'), 'utf8')]);
    await rm(folder, { recursive: true });

    expect([...puts, ...gets].map(({ errors }) => errors)).toEqual(['', '', '', '']);
    expect(puts.map(({ output }) => JSON.parse(output).signed)).toEqual([true, false]);
    expect([got[0].equals(LARGE), got[1]]).toEqual([true, 'small']);
    expect(await home.send('HEAD', '/objects/by%20cli/large.bin')).toMatchObject({ headers: { 'x-amz-meta-for': 'me' } });
  });

  it('serves from the other region what the active one fails to, and has the key looked at when that is asked', async () => {
    await home.send('PUT', '/objects/fallback.txt', { body: 'still here' });
    await pair.arrives('fallback.txt', 'still here');
    await faults.set({ service: 's3', bucket: pair.source.bucket, match: 'fallback.txt', op: 'GET', status: 503 });

    for (const api of [home, away]) {
      const answer = await api.send('GET', '/objects/fallback.txt?repair=1');
      expect(answer).toMatchObject({
        status: 200,
        text: 'still here',
        headers: { 'x-tidemark-served-by': 'replica', 'x-tidemark-repair': 'queued' },
      });
    }

    await faults.clear();
    await pair.drains();
    expect(await pair.source.history('fallback.txt')).toEqual({ written: 1, deleted: 0 });
  });

  it('is promoted by either region: writes rest for the lease, and go on at the other bucket', async () => {
    const { status, body } = await away.ask('POST', '/admin/failover/promote', { region: AWAY });
    expect({ status, body }).toMatchObject({ status: 200, body: { changed: true, epoch: 2, from: HOME, active: AWAY } });
    expect(await away.send('PUT', '/objects/after.txt', { body: 'too early' })).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
    });

    // Until its lease ends, a process that has not heard of the switch writes where it did.
    const written = async (): Promise<unknown> => (await home.send('PUT', '/objects/after.txt', { body: 'after' })).headers['x-tidemark-region'];
    await expect.poll(written, PATIENCE).toBe(AWAY);

    expect(await pair.destination.text('after.txt')).toBe('after');
    await expect.poll(() => pair.source.text('after.txt'), PATIENCE).toBe('after');
    expect((await home.ask('GET', '/admin/state')).body).toMatchObject({
      active: AWAY,
      epoch: 2,
      writes: 'open',
      phase: 'failedOver',
      problem: null,
    });
  });

  it('switches by itself when the active region fails: an observer in the other one decides', { timeout: 240_000 }, async () => {
    await faults.set({ service: 's3', bucket: pair.destination.bucket, status: 503 });
    const active = async (): Promise<unknown> => (await home.ask('GET', '/admin/state')).body.active;

    await expect.poll(active, { timeout: 200_000, interval: 1_000 }).toBe(HOME);
    await faults.clear();

    const { body } = await away.ask('GET', '/admin/state');
    expect(body).toMatchObject({ epoch: 3, switches: [{ kind: 'auto', by: `observer:${HOME}`, to: HOME }, { kind: 'promote' }, { kind: 'begin' }] });
    await expect.poll(async () => (await away.send('PUT', '/objects/again.txt', { body: 'again' })).status, PATIENCE).toBe(201);
    expect(await pair.source.text('again.txt')).toBe('again');
  });

  it('tells all of it in a trail whose end is signed elsewhere', async () => {
    await pair.invoke('SealFunctionName', {});

    const { entries } = (await away.ask('GET', '/audit?limit=500')).body as { entries: { sequence: number; hash: string; entry: unknown }[] };
    const { heads } = (await home.ask('GET', '/audit/heads')).body as { heads: SignedHead[] };
    const { publicKey } = (await pair.call('GET', '/verify/key')).body as { publicKey: string };
    const seen = entries.map(({ sequence, hash, entry }) => seenEntry(canonicalJson, sequence, hash, isEntry(entry) ? entry : null));
    const check = (some: typeof seen) =>
      checkTrail(
        (async function* () {
          yield* some;
        })(),
        heads.map((head) => seenHead(canonicalJson, head, publicKey)),
      );

    const actions = entries.map(({ entry }) => (isEntry(entry) ? entry.action : ''));
    expect(actions.filter((action) => !action.endsWith('.outcome'))).toEqual(['failover.begin', 'failover.promote', 'failover.auto']);
    expect(await check(seen)).toMatchObject({ ok: true, proven: entries.length });
    // A cut tail is not taken for the whole.
    expect(await check(seen.slice(0, -1))).toMatchObject({ ok: false });
  });

  it('shows the signed heads whatever the account itself deletes, or puts over them', async () => {
    const outputs = Object.values(pair.deployment.outputs).find((some) => some.AuditHeadsBucketName !== undefined);
    const Bucket = String(outputs?.AuditHeadsBucketName);
    const { client } = pair.source;
    await pair.invoke('SealFunctionName', {});
    const { body: before } = await home.ask('GET', '/audit/heads');
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'audit-heads/gateway/' }));
    expect(Contents.length).toBeGreaterThan(0);
    for (const { Key } of Contents) {
      // The policy may refuse both: whether it does is the emulator's.
      await client.send(new PutObjectCommand({ Bucket, Key, Body: 'no head' })).catch(() => undefined);
      await client.send(new DeleteObjectCommand({ Bucket, Key })).catch(() => undefined);
    }

    expect((await home.ask('GET', '/audit/heads')).body).toEqual(before);
    await pair.invoke('SealFunctionName', {});
    expect((await home.ask('GET', '/audit/heads')).body).toEqual(before);
  });

  it('is healthy, and says so in both regions; what only the home of the route knows, the other one says where to ask', async () => {
    for (const api of [home, away]) expect(await api.ask('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });

    const index = await home.ask('GET', '/objects?prefix=docs/');
    expect(index).toMatchObject({ status: 200, body: { objects: [{ key: 'docs/read me.md' }] } });
    expect(await away.ask('GET', '/objects?prefix=docs/')).toMatchObject({ status: 503, body: { detail: expect.stringContaining(HOME) } });
    expect(await home.ask('GET', '/verify/key')).toMatchObject({ status: 200 });
  });

  it('lets nobody in who has not signed', async () => {
    for (const api of [home, away]) {
      const { status } = await api.send('GET', '/admin/state', { unsigned: true });
      expect(status).toBe(403);
    }
  });
});
