/** What a refusal says to do next can be done with the CLI alone. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ERROR_CODES } from '../../lib/core/errors.ts';
import { wrongWith } from '../fixtures/commands.ts';
import { HandlerWorld } from '../fixtures/handler-world.ts';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

/** Each is told between backticks or brackets. */
const commandsIn = (text: string): readonly string[] => [...text.matchAll(/tidemark ([a-z][^`(),.;]*)/g)].map(([, line = '']) => line.trim());

it.each([
  'GET /backfill/none',
  'POST /backfill/none/cancel',
  'GET /verify/none',
  'GET /verify/none/report',
  'GET /events/none',
  'POST /conflicts/none/dismiss',
])('%s: the fix is a command that there is', async (line) => {
  const [method = '', path = ''] = line.split(' ');

  const { status, body } = await world.call(method, path);

  expect(status).toBe(404);
  const commands = commandsIn(JSON.stringify(body.errors));
  expect(commands).toHaveLength(1);
  expect(commands.map(wrongWith)).toEqual([null]);
});

it('what an error code says to do is a command that there is', () => {
  const commands = Object.values(ERROR_CODES).flatMap(({ fix }) => commandsIn(fix));

  expect(commands).toContain('routes resume ROUTE --accept-deletes');
  expect(commands.map(wrongWith).filter((wrong) => wrong !== null)).toEqual([]);
});
