/** What a watched folder tells is only that something differs: it proves neither that a key was there nor that it was deleted. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderNotification } from '../../lib/local/folder-notification.ts';
import { lambdaContext } from '../../lib/local/lambda-context.ts';
import { batchOf, HandlerWorld } from '../fixtures/handler-world.ts';

let world: HandlerWorld;
beforeEach(async () => {
  world = await HandlerWorld.create();
});
afterEach(() => world.dispose());

const told = (key: string, file: { readonly etag: string; readonly size: number } | null): string =>
  folderNotification({ region: 'primary', key, file, at: world.clock.now() });

async function replay(body: string): Promise<readonly unknown[]> {
  const { batchItemFailures } = await world.replay(batchOf(body), lambdaContext('replay', 60_000));
  return batchItemFailures;
}

async function statuses(): Promise<readonly unknown[]> {
  const { events } = (await world.call('GET', '/events')).body as { events: { op: string; status: string }[] };
  return events.map(({ op, status }) => `${op} ${status}`);
}

it('leaves what others put at the destination where something that is no file appears at the source', async () => {
  await world.destination.write('reports', Buffer.from('precious'), {
    size: 8,
    like: { etag: '', size: 8, lastModified: 0, headers: {}, metadata: {} },
  });

  expect(await replay(told('reports', null))).toEqual([]);

  expect(await world.textAt(world.destination, 'reports')).toBe('precious');
  expect(await statuses()).toEqual(['DELETE superseded']);
});

it('makes no error of a file that was moved away before it was looked at', async () => {
  expect(await replay(told('.tmp/1', { etag: 'fs-1', size: 1 }))).toEqual([]);

  expect(await statuses()).toEqual(['PUT superseded']);
});

it('deletes what was copied from here', async () => {
  await world.put('mine.txt', 'mine');
  await replay(told('mine.txt', { etag: 'fs-1', size: 4 }));
  expect(await world.textAt(world.destination, 'mine.txt')).toBe('mine');
  await world.source.remove('mine.txt');

  await replay(told('mine.txt', null));

  expect(await world.textAt(world.destination, 'mine.txt')).toBeNull();
  expect(await statuses()).toContain('DELETE done');
});
