/** Sequences that an identity of events would get wrong, and what a burst costs. */
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';

const OVERWRITES = 200;

describeDeployed('a sequence of changes of one key', () => {
  const pair = new Pair('main');

  it('PUT x, PUT y, PUT x ends at x, seen one by one', async () => {
    for (const text of ['x', 'y', 'x']) {
      await pair.source.put('sequences/slow xyx.txt', text);
      await pair.arrives('sequences/slow xyx.txt', text);
    }
  });

  it('PUT x, PUT y, PUT x ends at x, all at once', async () => {
    for (const text of ['x', 'y', 'x']) await pair.source.put('sequences/xyx.txt', text);

    await pair.settlesAfter('sequences/xyx.txt');
    expect(await pair.destination.text('sequences/xyx.txt')).toBe('x');
  });

  it('PUT, DELETE, PUT, DELETE ends absent, seen one by one', async () => {
    for (let round = 0; round < 2; round++) {
      await pair.source.put('sequences/slow flicker.txt', 'again');
      await pair.arrives('sequences/slow flicker.txt', 'again');
      await pair.source.delete('sequences/slow flicker.txt');
      await pair.goes('sequences/slow flicker.txt');
    }
  });

  it('PUT, DELETE, PUT, DELETE ends absent, all at once', async () => {
    for (let round = 0; round < 2; round++) {
      await pair.source.put('sequences/flicker.txt', 'again');
      await pair.source.delete('sequences/flicker.txt');
    }

    await pair.settlesAfter('sequences/flicker.txt');
    expect(await pair.destination.text('sequences/flicker.txt')).toBe(null);
  });

  it(`${OVERWRITES} overwrites in a burst end at the last one, with far fewer copies than events`, async () => {
    const last = `version ${OVERWRITES}`;
    const overwrites = Array.from({ length: OVERWRITES - 1 }, (_, index) => pair.source.put('sequences/burst.txt', `version ${index + 1}`));
    await Promise.all(overwrites);
    await pair.source.put('sequences/burst.txt', last);

    await pair.settlesAfter('sequences/burst.txt');

    expect(await pair.destination.text('sequences/burst.txt')).toBe(last);
    expect((await pair.source.history('sequences/burst.txt')).written).toBe(OVERWRITES);
    const { written } = await pair.destination.history('sequences/burst.txt');
    console.info(`${OVERWRITES} overwrites took ${written} copies`);
    expect(written).toBeLessThan(OVERWRITES / 2);
  });
});
