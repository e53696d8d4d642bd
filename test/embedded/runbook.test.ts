/** The runbook's commands, word for word, on a running host. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandsOf } from '../fixtures/markdown.ts';
import { HostUnderTest } from './support.ts';

const run = promisify(execFile);
const COMMANDS = [...new Set(commandsOf('docs/runbook.md', 'curl').map((line) => line.replace(/\s+# .*$/, '')))];

let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create();
});
afterAll(() => host.dispose());

it('has some', () => {
  expect(COMMANDS.length).toBeGreaterThan(10);
});

it.each(COMMANDS)('%s', async (command) => {
  const asked = command.replace('curl -s ', 'curl -s --fail-with-body ').replace('localhost:8111', new URL(host.url).host);

  const { stdout } = await run('sh', ['-c', asked]);

  expect(JSON.parse(stdout)).toEqual(expect.any(Object));
});
