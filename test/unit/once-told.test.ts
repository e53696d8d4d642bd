import { expect, it } from 'vitest';
import { SqliteControl } from '../../lib/adapters/sqlite/control.ts';
import { openDatabase } from '../../lib/adapters/sqlite/database.ts';
import { onceTold } from '../../lib/usecases/gateway/once-told.ts';

const TOLD = { at: 1, through: 1, open: 0, failedSince: null };

it('a region counts as there once it has told of its own route, and from then on without being asked again', async () => {
  const database = openDatabase(':memory:');
  const control = new SqliteControl(database);
  const isThere = onceTold(control, 'primary-secondary');
  expect(await isThere()).toBe(false);

  await control.putWatermark({ route: 'another', ...TOLD });
  expect(await isThere()).toBe(false);
  await control.putWatermark({ route: 'primary-secondary', ...TOLD });
  expect(await isThere()).toBe(true);

  database.close();
  expect(await isThere()).toBe(true);
});
