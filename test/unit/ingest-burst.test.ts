import { afterEach, beforeEach, expect, it } from 'vitest';
import { HandlerWorld } from '../fixtures/handler-world.ts';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

it('a hundred callers at once who tell of one key are all heard', async () => {
  const ends = { srcRegion: 'primary', dstRegion: 'secondary' };
  const tell = (n: number) => world.call('POST', '/events/ingest', { events: [{ op: 'PUT', key: 'k', etag: `e${n}`, ...ends, ts: Date.now() - n }] });

  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => tell(n)));

  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 202));
});
