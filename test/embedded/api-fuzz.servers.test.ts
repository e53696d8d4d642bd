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
import { HostUnderTest, put } from './support.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const FOLDER = join(import.meta.dirname, '../../.tools/schemathesis');
const TOKEN = 'the-token-of-the-fuzzed-host';
const LIMIT_MS = 120_000;

const isThere =
  pythonEnvironment(FOLDER, 'bin/schemathesis', ['--no-deps', '-r', join(FIXTURES, 'schemathesis.txt')]) ||
  missing('schemathesis', 'Python 3.10 or newer with venv and pip, which installs it into .tools/schemathesis');

describe.runIf(isThere)('the API', () => {
  let host: HostUnderTest;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-fuzz-'));
    host = await HostUnderTest.create({}, { apiToken: TOKEN });
    await put(host.source, 'demo/hello.txt', 'hello');
  });

  afterAll(async () => {
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('never breaks, asks who is asking, and answers as its document says, whatever it is sent', { timeout: LIMIT_MS }, async () => {
    const { status, printed } = await fuzz(['--config-file', join(FIXTURES, 'schemathesis.toml'), 'run', `${host.url}/openapi.json`]);

    expect(status, printed.slice(-20_000)).toBe(0);
    expect(printed).toMatch(/Tested: \d+/);
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
