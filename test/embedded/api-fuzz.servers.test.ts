/** A fuzzer of others reads the API's document, and sends what it allows and what it does not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonEnvironment } from '../fixtures/python.ts';
import { missing } from '../fixtures/server-process.ts';
import { folderRegions, GatewayUnderTest } from './gateway-support.ts';
import { put } from './support.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const FOLDER = join(import.meta.dirname, '../../.tools/schemathesis');
const TOKEN = 'the-token-of-the-fuzzed-host';
const LIMIT_MS = 120_000;
/** What they do has every write refused for some seconds, with 503. */
const SWITCHES = ['promote', 'failback'];

const isThere =
  pythonEnvironment(FOLDER, 'bin/schemathesis', ['--no-deps', '-r', join(FIXTURES, 'schemathesis.txt')]) ||
  missing('schemathesis', 'Python 3.10 or newer with venv and pip, which installs it into .tools/schemathesis');

describe.runIf(isThere)('the API', () => {
  let host: GatewayUnderTest;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-fuzz-'));
    host = await GatewayUnderTest.create(await folderRegions(), {}, { apiToken: TOKEN });
    await put(host.regions.stores.primary, 'demo/hello.txt', 'hello');
  });

  afterAll(async () => {
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('never breaks, asks who is asking, and answers as its document says, whatever it is sent', { timeout: LIMIT_MS }, async () => {
    const run = ['--config-file', join(FIXTURES, 'schemathesis.toml'), 'run', `${host.url}/openapi.json`];
    const named = (which: string): readonly string[] => SWITCHES.flatMap((name) => [which, name]);
    const turns = [named('--exclude-operation-id'), ['--phases', 'examples,coverage,fuzzing', ...named('--include-operation-id')]];
    for (const turn of turns) {
      const { status, printed } = await fuzz([...run, ...turn]);

      expect(status, printed.slice(-20_000)).toBe(0);
      expect(printed).toMatch(/Tested: [1-9]/);
    }
  });

  /** In a folder of its own: it notes there what it found. */
  async function fuzz(args: readonly string[]): Promise<{ readonly status: number; readonly printed: string }> {
    const environment = { PATH: process.env.PATH ?? '', HOME: folder, LANG: 'C.UTF-8', NO_COLOR: '1' };
    const header = ['-H', `Authorization: Bearer ${TOKEN}`];
    const child = spawn(join(FOLDER, 'bin/python'), ['-m', 'schemathesis.cli', ...args, ...header], {
      cwd: folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [printed, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    return { status: Number(status), printed };
  }
});
