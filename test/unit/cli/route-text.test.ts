import { expect, it } from 'vitest';
import { resumedText } from '../../../lib/cli/views/route-text.ts';

it.each([
  [{ route: 'a-b', deletesPaused: null, released: 0 }, 'Route a-b runs.'],
  [{ route: 'a-b', deletesPaused: null, released: 1_200 }, 'Route a-b runs: 1,200 keys that something was told of meanwhile are looked at.'],
  [{ route: 'a-b', deletesPaused: null, released: 1 }, 'Route a-b runs: 1 key that something was told of meanwhile is looked at.'],
])('says what a resumption came to: %j', (answer, said) => {
  expect(resumedText(answer)).toBe(said);
});

it('says what is left to do where deletes are still stopped', () => {
  expect(resumedText({ route: 'a-b', deletesPaused: 1, released: 30_000 })).toContain('tidemark routes resume a-b --accept-deletes');
});
