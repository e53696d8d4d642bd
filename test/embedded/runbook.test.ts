/** The runbook's commands, word for word, on a running host. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { main } from '../../lib/cli/main.ts';
import { commandsOf } from '../fixtures/markdown.ts';
import { HostUnderTest } from './support.ts';

const run = promisify(execFile);
/** Not the comments beside them. */
const typed = (command: string): readonly string[] => [
  ...new Set(commandsOf('docs/runbook.md', command).map((line) => line.replace(/\s+# .*$/, ''))),
];
const COMMANDS = typed('curl');
/** The doctor looks at a configuration, not at a host, and has tests of its own. */
const SPOKEN = typed('npx tidemark')
  .map((line) => line.replace('npx tidemark ', ''))
  .filter((words) => words !== 'doctor');

let host: HostUnderTest;

beforeAll(async () => {
  host = await HostUnderTest.create();
});
afterAll(() => host.dispose());

it('has some', () => {
  expect(COMMANDS.length).toBeGreaterThan(10);
});

it.each(SPOKEN)('npx tidemark %s', async (words) => {
  const said: string[] = [];
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const noted = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  // `config check` is about files alone.
  const at = words.startsWith('config ') ? [] : ['--url', host.url];
  try {
    const code = await main([...words.split(' '), ...at]);
    expect(code, said.join('')).toBe(0);
  } finally {
    for (const spy of [printed, noted]) spy.mockRestore();
    process.exitCode = undefined;
  }
});

it.each(COMMANDS)('%s', async (command) => {
  const asked = command.replace('curl -s ', 'curl -s --fail-with-body ').replace('localhost:8111', new URL(host.url).host);

  const { stdout } = await run('sh', ['-c', asked]);

  expect(JSON.parse(stdout)).toEqual(expect.any(Object));
});
