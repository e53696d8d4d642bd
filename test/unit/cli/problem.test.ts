/** What a program reads where a command ends otherwise than it should. */
import { CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../lib/cli/client.ts';
import { CliError, EXIT } from '../../../lib/cli/exit.ts';
import { main } from '../../../lib/cli/main.ts';
import { problemOf } from '../../../lib/cli/problem.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import { saidOnStderr } from './said-on-stderr.ts';

const FIELDS = ['a', 'b'].map((field) => ({ field, message: 'wrong', fix: 'Mend it.' }));
const CONFLICT = { type: 'urn:tidemark:problem:wrong-state', title: 'Conflict', detail: 'it runs', instance: 'req-1' };

describe('the problem', () => {
  it.each<readonly [string, unknown, object]>([
    ['that the API told', new ApiError(409, 'it runs', CONFLICT), { ...CONFLICT, status: 409 }],
    [
      'that the API told, within what the command adds',
      new CliError('it runs\nCome back', EXIT.failed, new ApiError(503, 'it runs', { title: 'Gone', instance: 'i' })),
      { type: 'about:blank', title: 'Gone', status: 503, detail: 'it runs\nCome back', instance: 'i' },
    ],
    [
      'of several fields',
      new ApiError(400, '\n  a: wrong', { title: 'Bad Request', detail: 'the body is wrong', errors: FIELDS }),
      { type: 'about:blank', title: 'Bad Request', status: 400, detail: 'the body is wrong', errors: FIELDS },
    ],
    [
      'of an answer that is none of the API',
      new ApiError(502, 'http://host answered 502', {}),
      { type: 'about:blank', title: 'HTTP 502', status: 502, detail: 'http://host answered 502' },
    ],
    ['of an option', new CliError('--key: no', EXIT.usage), { type: 'urn:tidemark:problem:usage', title: 'Wrong usage', detail: '--key: no' }],
    [
      'of words that nobody knows',
      new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'"),
      { type: 'urn:tidemark:problem:usage', title: 'Wrong usage', detail: "unknown option '--x'" },
    ],
    ['of what could not be done', new CliError('no answer'), { type: 'urn:tidemark:problem:failed', title: 'Failed', detail: 'no answer' }],
    [
      'with a code of its own',
      new TidemarkError('ACCESS_DENIED', 'no'),
      { type: 'urn:tidemark:problem:access-denied', title: 'ACCESS_DENIED', detail: expect.stringMatching(/^no\. Check the access keys/) },
    ],
  ])('%s', (_what, error, expected) => {
    expect(problemOf(error)).toEqual(expected);
  });
});

describe('a command with --json', () => {
  const said = saidOnStderr();

  it.each<readonly [readonly string[], number, object]>([
    [['status', '--json', '--url', 'http://127.0.0.1:1'], EXIT.failed, { title: 'Failed', detail: expect.stringContaining('http://127.0.0.1:1') }],
    [['status', '--json', '--url', 'nonsense'], EXIT.usage, { title: 'Wrong usage' }],
    [['status', '--json', '--ulr', 'x'], EXIT.usage, { title: 'Wrong usage', detail: expect.stringContaining("unknown option '--ulr'") }],
    [['events', 'list', '--json', '--limit', 'x'], EXIT.usage, { detail: expect.stringContaining('Give a whole number from 1 to 1000.') }],
    [['nothing', '--json'], EXIT.usage, { detail: expect.stringContaining('nothing') }],
  ])('%j says in one line of JSON what is wrong, and ends as without', async (args, code, expected) => {
    expect(await main(args)).toBe(code);
    expect(said.text).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(said.text)).toMatchObject({ type: expect.stringContaining(':'), ...expected });
    said.text = '';
    expect(await main(args.filter((arg) => arg !== '--json'))).toBe(code);
    expect(said.text).toMatch(/^(tidemark|error): /);
  });
});
