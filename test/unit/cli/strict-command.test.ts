/** An option that was left without its value. */
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../lib/cli/exit.ts';
import { main } from '../../../lib/cli/main.ts';
import { saidOnStderr } from './said-on-stderr.ts';

/** Where nothing answers: what is asked for there was understood. */
const NOWHERE = ['--url', 'http://127.0.0.1:1'];

const said = saidOnStderr();

describe('an option without its value', () => {
  it.each<readonly [readonly string[], string, string]>([
    [['verify', ...NOWHERE, '--prefix', '--deep'], '--prefix <prefix>', '--prefix=--deep'],
    [['repair', '--prefix', '--delete', ...NOWHERE], '--prefix <prefix>', '--prefix=--delete'],
    [['events', 'list', '--key', '--limit=5', ...NOWHERE], '--key <pattern>', '--key=--limit=5'],
    [['verify', 'list', '--cursor', '--json', ...NOWHERE], '--cursor <cursor>', '--cursor=--json'],
    [['status', '--url', '--help'], '--url <address>', '--url=--help'],
    [['status', '--url', '-h'], '--url <address>', '--url=-h'],
  ])('%j does not take the next one for it', async (args, flags, instead) => {
    expect(await main(args)).toBe(EXIT.usage);
    expect(said.text).toContain(`'${flags}' has no value`);
    expect(said.text).toContain(`If it is the value: ${instead}`);
  });

  it.each<readonly [readonly string[]]>([
    [['verify', '--prefix=--deep', ...NOWHERE]],
    [['verify', '--prefix', '--deeper', ...NOWHERE]],
    [['verify', '--prefix', '-', ...NOWHERE]],
    [['requeue', ...NOWHERE, '--', '--url', '--json']],
  ])('%j is one with a value', async (args) => {
    expect(await main(args)).toBe(EXIT.failed);
    expect(said.text).toContain('http://127.0.0.1:1');
  });
});
