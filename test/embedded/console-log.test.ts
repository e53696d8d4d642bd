import { expect, it } from 'vitest';
import { consoleLog } from '../../lib/local/console-log.ts';

function logged(from: string | undefined): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const log = consoleLog(from, (line) => lines.push(line));
  log.debug('d');
  log.info('i', { route: 'a-b' });
  log.warn('w');
  log.error('e', { error: new Error('why', { cause: new Error('deeper') }) });
  return lines.map((line) => JSON.parse(line));
}

it.each([
  ['debug', ['d', 'i', 'w', 'e']],
  [undefined, ['i', 'w', 'e']],
  ['WARN', ['w', 'e']],
  ['error', ['e']],
  ['constructor', ['i', 'w', 'e']],
] as const)('LOG_LEVEL %s writes from that level on', (from, messages) => {
  expect(logged(from).map(({ message }) => message)).toEqual(messages);
});

it('writes one object a line with its fields, errors and their causes included', () => {
  const [, info, , error] = logged('debug');

  expect(info).toMatchObject({ level: 'INFO', message: 'i', route: 'a-b', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(error).toMatchObject({ error: { name: 'Error', message: 'why', stack: expect.any(String), cause: { message: 'deeper' } } });
});
