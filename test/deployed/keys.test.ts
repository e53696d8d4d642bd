import { expect, it } from 'vitest';
import { AWKWARD_KEYS } from '../fixtures/awkward-keys.ts';
import { describeDeployed, Pair } from './client.ts';

/** At the root: a prefix would not leave the keys of 1,024 bytes what they are. */
const KEYS = AWKWARD_KEYS.map(({ key }) => key);
const textOf = (key: string): string => `the text of ${key}`;

describeDeployed('a key that some encoding trips over', () => {
  const pair = new Pair('main');
  const labelsOf = async (holds: (key: string) => Promise<boolean>): Promise<readonly string[]> => {
    const held = await Promise.all(KEYS.map(holds));
    return AWKWARD_KEYS.filter((_, index) => held[index]).map(({ label }) => label);
  };

  it('is copied, and its deletion too', async () => {
    for (const key of KEYS) await pair.source.put(key, textOf(key), { metadata: { of: 'awkward' } });
    const missing = (): Promise<readonly string[]> => labelsOf(async (key) => (await pair.destination.text(key)) !== textOf(key));

    await pair.eventually(missing, []);

    expect(await pair.destination.keys()).toEqual(expect.arrayContaining(KEYS));
    for (const key of KEYS) await pair.source.delete(key);
    await pair.eventually(() => labelsOf(async (key) => (await pair.destination.text(key)) !== null), []);
  });

  it('is found among the events by itself', async () => {
    for (const key of KEYS) {
      await pair.settles(key);
      const events = await pair.events(key);
      const ops = events.filter((event) => event.key === key).map(({ op }) => op);
      expect(ops, key).toContain('DELETE');
    }
  });
});
