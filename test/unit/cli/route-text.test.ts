import { expect, it } from 'vitest';
import { resumedText } from '../../../lib/cli/views/route-text.ts';

it.each([
  [{ route: 'a-b', deletesPaused: null }, 'Route a-b runs.'],
  [{ route: 'a-b', deletesPaused: null, released: 1_200, partial: false }, 'Route a-b runs: 1,200 keys that waited are looked at.'],
])('says what a resumption came to: %j', (answer, said) => {
  expect(resumedText(answer)).toBe(said);
});

it('says what is left to do where not all that waited could be released, and where deletes are still stopped', () => {
  const said = resumedText({ route: 'a-b', deletesPaused: 1, released: 30_000, partial: true });

  expect(said).toContain('resume it again in a minute');
  expect(said).toContain('tidemark routes resume a-b --accept-deletes');
});
