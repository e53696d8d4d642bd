/** The gateway's commands against a real host over two folders. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BIN, type Ended, tidemark } from './cli.ts';
import { folderRegions, GatewayUnderTest, PATIENCE } from './gateway-support.ts';

let gateway: GatewayUnderTest;
let folder: string;
const run = (...args: readonly string[]): Promise<Ended> => tidemark([...args, '--url', gateway.url], { cwd: folder });
const state = async (): Promise<Record<string, unknown>> => (await gateway.call('GET', '/admin/state')).body;

beforeAll(async () => {
  gateway = await GatewayUnderTest.create(await folderRegions());
});
afterAll(() => gateway.dispose());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-gateway-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('tidemark put and get', { timeout: 60_000 }, () => {
  it('write an object with what is to be kept of it, and read it into a file', async () => {
    await writeFile(join(folder, 'readme.md'), '# hello\n');
    const key = "docs/a/../b c?#%25/ü's.md";

    const put = await run('put', key, 'readme.md', '--metadata', 'Author=me', '--metadata', 'for=a b', '--json');
    const got = await run('get', key, 'out.md');
    const answer = await fetch(`${gateway.url}/objects/${encodeURIComponent(key)}`);

    expect([put.code, put.errors]).toEqual([0, '']);
    expect(JSON.parse(put.output)).toMatchObject({ key, size: 8, region: 'primary', signed: false });
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-type': 'text/markdown', 'x-amz-meta-author': 'me', 'x-amz-meta-for': 'a b' });
    expect(got).toMatchObject({ code: 0, output: '', errors: expect.stringMatching(/: 8 B in out\.md, from primary; /) });
    expect(await readFile(join(folder, 'out.md'), 'utf8')).toBe('# hello\n');
    expect((await readdir(folder)).sort()).toEqual(['out.md', 'readme.md']);
  });

  it('carry any bytes from a pipe and to a pipe, packed ones as they are', async () => {
    const bytes = Buffer.alloc(3_000_000, 'tidemark ');
    const put = spawn(process.execPath, [BIN, 'put', 'piped', '-', '--url', gateway.url]);
    put.stdin.end(bytes);
    expect(await once(put, 'close')).toEqual([0, null]);
    // What HTTP would unpack on the way: not gzip at all, so that whoever tries fails.
    await gateway.put('packed', 'no gzip', { 'content-encoding': 'gzip' });

    const piped = spawn(process.execPath, [BIN, 'get', 'piped', '-', '--url', gateway.url]);
    const [received, errors, [code], packed] = await Promise.all([
      buffer(piped.stdout),
      text(piped.stderr),
      once(piped, 'close'),
      run('get', 'packed', '-'),
    ]);

    expect([code, received.length, errors]).toEqual([0, bytes.length, expect.stringContaining('piped: 2.9 MiB from primary')]);
    expect(received.equals(bytes)).toBe(true);
    expect(packed).toMatchObject({ code: 0, output: 'no gzip' });
  });

  it('leave a file as it is where there is no such object, and an object where one is there already', async () => {
    await writeFile(join(folder, 'mine.txt'), 'mine');
    await gateway.put('there.txt', 'first');

    const [absent, second] = [await run('get', 'absent.txt', 'mine.txt'), await run('put', 'there.txt', 'mine.txt', '--if-none-match', '*')];

    expect(absent).toMatchObject({ code: 1, output: '', errors: expect.stringContaining('holds no such object') });
    expect(second).toMatchObject({ code: 1, output: '', errors: expect.stringContaining('nothing was written') });
    expect([await readdir(folder), await readFile(join(folder, 'mine.txt'), 'utf8')]).toEqual([['mine.txt'], 'mine']);
    expect(await (await gateway.get('there.txt')).text()).toBe('first');
  });

  it('write into a folder by the last part of the key, and say what cannot be done', async () => {
    await mkdir(join(folder, 'into'));
    await gateway.put('docs/a.txt', 'a');

    expect(await run('get', 'docs/a.txt', 'into')).toMatchObject({ code: 0 });
    expect(await readFile(join(folder, 'into/a.txt'), 'utf8')).toBe('a');
    const [device, metadata] = await Promise.all([run('get', 'docs/a.txt', '/dev/null'), run('put', 'docs/a.txt', 'x', '--metadata', 'ü=1')]);
    expect(device).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('FILE: /dev/null is no file') });
    expect(metadata).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('name=value') });
  });
});

describe('tidemark failover', { timeout: 60_000 }, () => {
  beforeEach(async () => {
    await expect.poll(async () => (await gateway.call('POST', '/admin/failover/failback', {})).status, PATIENCE).toBe(200);
    expect(await gateway.written('open.txt', 'x')).toBe('primary');
  });

  it('promotes, tells of it, and takes a write that came while writes rest; then fails back', async () => {
    await writeFile(join(folder, 'late.txt'), 'late');

    const before = await run('failover', 'status');
    const promoted = await run('failover', 'promote');
    // Writes rest, unless this machine is slow: either way it is taken where they go on.
    const put = await run('put', 'late.txt', 'late.txt');
    const after = await run('failover', 'status', '--json');

    expect(before).toMatchObject({
      code: 0,
      errors: '',
      output: expect.stringMatching(/^Active +primary, epoch \d+, since .*\n.*\nWrites +taken by primary\nCrossed +all /m),
    });
    expect(before.output).toMatch(/\nREGION +ROLE +OBSERVER +PROBES.*\nprimary +active +host +\d+ answers? in a row\nsecondary +replica +host /);
    expect(promoted).toMatchObject({ code: 0, output: '' });
    expect(promoted.errors).toMatch(
      /^secondary is active, after primary \(epoch \d+\)\.\nWrites are taken there in \d+\.\d s; .*\nCrossed to it: all /,
    );
    expect(put).toMatchObject({ code: 0, errors: expect.stringMatching(/^late\.txt: 4 B stored at secondary/m) });
    const { active, phase, switches } = JSON.parse(after.output);
    expect({ active, phase, last: switches[0].kind }).toEqual({ active: 'secondary', phase: 'failedOver', last: 'promote' });

    const unnamed = await Promise.all([
      run('failover', 'promote', '--force'),
      run('failover', 'failback', '--force'),
      run('failover', 'failback', 'secondary'),
    ]);
    const back = await run('failover', 'failback', '--json');

    expect(unnamed.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(unnamed[2]?.errors).toContain('a failback goes to primary');
    expect(JSON.parse(back.output)).toMatchObject({ changed: true, active: 'primary' });
  });

  it('has a drill that promotes, sees that writes are taken, fails back, and leaves nothing behind', async () => {
    const { epoch } = await state();

    const drilled = await run('failover', 'drill', '--yes');

    expect(drilled).toMatchObject({ code: 0, errors: '' });
    expect(drilled.output.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
      'STEP',
      ...['write at primary', 'read at primary', 'remove at primary'],
      'promote secondary',
      ...['write at secondary', 'read at secondary', 'remove at secondary'],
      'fail back to primary',
      ...['write at primary', 'read at primary', 'remove at primary'],
      '',
      expect.stringMatching(/^Writes rested for \d+\.\d s, then \d+\.\d s\.$/),
      '',
    ]);
    expect(await state()).toMatchObject({ active: 'primary', epoch: Number(epoch) + 2, writes: 'open' });
    for (const region of ['primary', 'secondary'] as const) await gateway.holds(region, '.tidemark-canary/drill', null);
  });

  it('asks before a drill, and says how to get back from one that is ended midway', async () => {
    expect(await run('failover', 'drill')).toMatchObject({ code: 2, output: '', errors: expect.stringContaining('Give --yes') });

    const drill = spawn(process.execPath, [BIN, 'failover', 'drill', '--yes', '--url', gateway.url]);
    const said = text(drill.stderr);
    await expect.poll(async () => (await state()).active, PATIENCE).toBe('secondary');
    drill.kill('SIGINT');

    expect(await once(drill, 'close')).toEqual([130, null]);
    expect(await said).toContain('secondary is active. To go back to primary: tidemark failover failback');
    expect(await run('failover', 'drill', '--yes')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('secondary is active, and not primary'),
    });
  });

  it('ends a drill with 3 where the other region is not fit, and has changed nothing', async () => {
    await gateway.regions.lose('secondary');
    const drilled = await run('failover', 'drill', '--yes', '--json');
    await gateway.regions.back('secondary');

    expect(drilled).toMatchObject({ code: 3, errors: expect.stringMatching(/secondary is not fit [\s\S]*primary is active, as before/) });
    expect(JSON.parse(drilled.output)).toMatchObject({
      active: 'primary',
      steps: [{ ok: true }, { ok: true }, { ok: true }, { step: 'promote secondary', ok: false }],
    });
  });
});

it('refuses a body before it is sent, to whom waits for leave', async () => {
  await gateway.call('POST', '/admin/failover/promote', {});
  const sending = request(gateway.urlOf('large'), { method: 'PUT', headers: { expect: '100-continue', 'content-length': String(2 ** 40) } });
  sending.flushHeaders();
  const answered = await Promise.race([once(sending, 'response'), once(sending, 'continue')]);
  sending.destroy();

  expect(answered[0]).toMatchObject({ statusCode: 503, headers: { 'retry-after': expect.any(String) } });
});
