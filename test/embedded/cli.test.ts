/** The operator's commands against a real host: what they print, where, and how they end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { widthOf } from '../../lib/cli/text/visible.ts';
import { BIN, type Ended, inTerminal, tidemark } from './cli.ts';
import { HostUnderTest, put } from './support.ts';

/** Ends a program that loads what takes long to load. */
const LIGHT = `data:text/javascript,import { registerHooks } from 'node:module';
registerHooks({ resolve(name, context, next) { if (/^(@aws-sdk|@smithy|zod|undici)/.test(name)) throw new Error(name); return next(name, context); } });`;
const HOSTILE = 'reports/\x1b[31mred\u202e and a name that no terminal of usual width has room for.csv';

// Each command is a process of its own, and takes long on a busy machine.
describe('a command', { timeout: 60_000 }, () => {
  let host: HostUnderTest;
  /** Against the host, in a pipe. */
  const run = (...args: readonly string[]): Promise<Ended> => tidemark([...args, '--url', host.url]);
  const parsed = ({ output }: Ended): Record<string, unknown> => JSON.parse(output);

  beforeAll(async () => {
    host = await HostUnderTest.create({ maxRetries: 1 });
    await put(host.source, 'hello.txt', 'hello');
    await put(host.source, HOSTILE, 'odd');
    // One of them may be told of twice.
    await vi.waitUntil(async () => new Set((await host.events('&status=done')).map(({ key }) => key)).size === 2, { timeout: 25_000, interval: 20 });
  });
  afterAll(() => host.dispose());

  it('that lists fits the terminal, and cuts nothing in a pipe', async () => {
    const [piped, terminal, unsized] = await Promise.all([
      run('events', 'list', '--status', 'done'),
      inTerminal(['events', 'list', '--status', 'done', '--url', host.url], 60),
      inTerminal(['events', 'list', '--status', 'done', '--url', host.url], 0),
    ]);

    expect(piped).toMatchObject({ code: 0, errors: '' });
    expect(piped.output).toContain('reports/\\e[31mred\\u{202e} and a name that no terminal of usual width has room for.csv');
    const lines = terminal.output.trimEnd().split('\r\n');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => widthOf(line) <= 60)).toBe(true);
    expect(lines.at(-1)).toMatch(/reports.*….*csv/);
    expect(terminal.output).not.toContain('\x1b[31mred');
    expect(unsized.output).toContain(' hello.txt ');
  });

  it('answers with exactly the JSON of the API', async () => {
    const ask = async () => [(await host.call('GET', '/events?keyLike=hello.txt')).body, (await host.call('GET', '/routes')).body] as const;
    // Asked before and after: the host's first comparison may change something in between.
    await vi.waitFor(async () => {
      const before = await ask();
      const [listed, shown, routes] = await Promise.all([
        run('events', 'list', '--json', '--key', 'hello.txt'),
        run('events', 'show', 'hello.txt', '--json'),
        run('routes', 'list', '--json'),
      ]);
      const [events, listedRoutes] = before;
      expect(await ask()).toEqual(before);

      expect(parsed(listed)).toEqual(events);
      expect(parsed(shown)).toEqual((events.events as unknown[])[0]);
      expect(parsed(routes)).toEqual(listedRoutes);
    }, 25_000);
  });

  it('tells what failed by cause and what to do, and has it tried again', async () => {
    const told = await tidemark(['ingest', '-', '--url', host.url], { input: 'absent/1.txt\nabsent/2.txt\n' });
    expect(told).toMatchObject({ code: 0, output: '', errors: 'Accepted 2, known already 0, rejected 0.\n' });
    await host.eventually(async () => (await host.events('&status=error')).length, 2);

    const [failed, one] = await Promise.all([run('failed'), run('failed', '--json')]);
    expect(failed.code).toBe(0);
    expect(failed.output).toMatch(
      /^NO_SUCH_KEY_AT_SOURCE {2}2 deliveries, .*\n.*no such key.*\n {2}· absent\/1.txt\n {2}· absent\/2.txt\n {2}To do: Write the object/,
    );
    expect(parsed(one)).toMatchObject({
      causes: [{ code: 'NO_SUCH_KEY_AT_SOURCE', count: 2, keys: ['absent/1.txt', 'absent/2.txt'] }],
      partial: false,
    });

    await put(host.source, 'absent/1.txt', 'here now');
    await host.arrives('absent/1.txt', 'here now');
    const requeued = await run('requeue', 'absent/2.txt', '--json');
    expect(parsed(requeued)).toEqual({ requeued: 1 });
    await host.eventually(async () => (await host.events('&status=error&keyLike=absent/2.txt')).length, 1);
  });

  it('rejects a key that the API rejects, and fails by it', async () => {
    const told = await run('ingest', 'x'.repeat(1_025));

    expect(told.code).toBe(1);
    expect(told.errors).toContain('rejected 1');
  });

  it('that cannot write what it found has failed, however short it is', async () => {
    const full = spawn('sh', ['-c', '"$0" "$1" verify key --url "$2" > /dev/full', process.execPath, BIN, host.url]);
    const [errors, [code]] = await Promise.all([text(full.stderr), once(full, 'close')]);

    expect({ code, errors }).toEqual({ code: 1, errors: expect.stringMatching(/^tidemark: the output cannot be written \(ENOSPC\)\. Make room/) });
  });

  it('pauses a route and lets it go on, and the list says so', async () => {
    const [name] = host.config.routes.map((route) => route.name);
    expect(await run('routes', 'pause', name ?? '')).toMatchObject({ code: 0, errors: expect.stringContaining('routes resume primary-secondary') });
    expect((await run('routes', 'list')).output).toMatch(/primary-secondary {2}primary → secondary {2}all .* paused/);
    expect(await run('routes', 'resume', name ?? '')).toMatchObject({ code: 0, errors: 'Route primary-secondary runs.\n' });
    expect(await run('routes', 'resume', name ?? '', '--accept-deletes')).toMatchObject({
      code: 0,
      errors: expect.stringContaining('Deletes that waited run within five minutes, or now: tidemark replay --limit 1000'),
    });
    expect(await run('routes', 'resume', 'nope')).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringContaining('Name one of: primary-secondary.'),
    });
  });

  it('loads what was there before, and draws a bar in a terminal alone', async () => {
    const [piped, terminal] = [
      await run('backfill', 'start', '--mode', 'all', '--watch'),
      await inTerminal(['backfill', 'start', '--mode', 'all', '--watch', '--url', host.url], 80),
    ];

    expect(piped).toMatchObject({ code: 0, errors: '' });
    expect(piped.output).toMatch(/^Source {7}\d objects.*\nTo copy[\s\S]*\ndone: listed \d keys, queued \d/);
    expect(terminal.output).toContain('\r\x1b[2K');
    expect((await run('backfill', 'list')).output).toMatch(/^STATUS.*\ndone .*\ndone .*\n$/);
  });

  it('leaves long work alone when Ctrl-C ends it, and says how to come back', async () => {
    // Nothing is copied meanwhile, so that there is something to wait for.
    await host.call('POST', '/routes/primary-secondary/pause', {});
    const watching = spawn(process.execPath, [BIN, 'backfill', 'start', '--mode', 'all', '--watch', '--url', host.url]);
    const told = text(watching.stderr);
    await once(watching.stdout, 'data');
    watching.kill('SIGINT');
    const [code] = await once(watching, 'close');
    await host.call('POST', '/routes/primary-secondary/resume', {});

    expect(code).toBe(130);
    const [, id = ''] = /backfill watch ([\w-]+)\. Stop it: tidemark backfill cancel/.exec(await told) ?? [];
    expect(await run('backfill', 'watch', id)).toMatchObject({ code: 0, output: expect.stringMatching(/^done: /) });
  });

  it('follows what happens, and ends quietly when nobody reads on', async () => {
    const piped = `"$0" "$1" events follow --json --status done --key followed- --url "$2" | head -n 1`;
    const following = spawn('sh', ['-c', piped, process.execPath, BIN, host.url]);
    const output = text(following.stdout);
    await once(following.stderr, 'data');
    const told = text(following.stderr);
    await put(host.source, 'followed-1.txt', 'one');
    await host.arrives('followed-1.txt', 'one');
    // head has its line, and is gone: what is told next meets nobody.
    const ended = once(following, 'close');
    const tellMore = async (): Promise<boolean> => {
      await put(host.source, `followed-${Date.now()}.txt`, 'more');
      return following.exitCode !== null;
    };
    await vi.waitUntil(tellMore, { timeout: 25_000, interval: 100 });
    await ended;

    expect(JSON.parse(await output)).toMatchObject({ key: 'followed-1.txt' });
    expect(await told).toBe('');
  });
});

describe('a command that cannot be carried out', () => {
  const nowhere = { url: 'http://127.0.0.1:9' };

  it.each<readonly [readonly string[], number, RegExp]>([
    [
      ['status', '--url', nowhere.url],
      1,
      /^tidemark: nothing answers at http:\/\/127\.0\.0\.1:9 \(.*\)\. Start a host with `npm start`, or name another one with --url\.\n$/,
    ],
    [['evnts'], 2, /unknown command 'evnts'\n\(Did you mean events\?\)/],
    [['events', 'list', '--stats', 'done'], 2, /unknown option '--stats'\n\(Did you mean --status\?\)/],
    [['events', 'list', '--limit', '0'], 2, /Give a whole number from 1 to 1000/],
    [['status', '--url', 'localhost'], 2, /--url: "localhost" is no address/],
    [['status', '--url', 'http://me:geheim@127.0.0.1:9'], 2, /^(?!.*geheim).*Leave them out, and set API_TOKEN/],
  ])('%j ends with %i and says why', async (args, code, words) => {
    const ended = await tidemark(args);

    expect({ code: ended.code, output: ended.output }).toEqual({ code, output: '' });
    expect(ended.errors).toMatch(words);
  });

  it('never shows a token that no header takes', async () => {
    const ended = await tidemark(['status', '--url', nowhere.url], { env: { API_TOKEN: 'gehe\nim' } });

    expect(ended).toMatchObject({ code: 2, output: '', errors: expect.stringMatching(/^tidemark: API_TOKEN: (?!.*gehe)/) });
  });

  it('says how to authenticate where it is refused, and what answers that is no Tidemark', async () => {
    const server = createServer((request, response) => {
      if (request.headers.authorization === 'Bearer right') response.end('<html>');
      else response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{"status":401,"detail":"no"}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
    const [refused, alien] = await Promise.all([
      tidemark(['events', 'list', '--url', url]),
      tidemark(['events', 'list', '--url', url], { env: { API_TOKEN: 'right' } }),
    ]);
    server.close();

    expect(refused).toMatchObject({ code: 1, errors: expect.stringContaining('Set API_TOKEN') });
    expect(alien).toMatchObject({ code: 1, errors: expect.stringContaining('Is it a Tidemark?') });
  });
});

describe('the start of the command line', () => {
  it('loads no SDK and no schemas for its help', async () => {
    const { code, output } = await tidemark(['--help'], { nodeOptions: ['--import', LIGHT] });

    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: tidemark \[options\] \[command\]\n/);
  });

  it('finds its configuration where it is started, for the doctor, too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
    const { code, output } = await tidemark(['doctor', '--json'], { cwd: folder, env: { PORT: 'x' } });
    await rm(folder, { recursive: true });

    expect(code).toBe(1);
    expect(JSON.parse(output)).toMatchObject({ findings: [{ level: 'error', subject: 'PORT' }] });
  });
});
