import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase, type SqliteDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { SqliteLogStore } from '../../../lib/adapters/sqlite/log-store.ts';
import { SystemIds } from '../../../lib/adapters/system/ids.ts';
import { DEDUPE_EVENTS } from '../../../lib/core/log/rules.ts';
import { Appender } from '../../../lib/usecases/log/appender.ts';
import { StreamNews } from '../../../lib/usecases/log/news.ts';
import { replay } from '../../../lib/usecases/log/replay.ts';
import { ManualClock } from '../../contract/manual-clock.ts';
import { aWritten } from '../../fixtures/log-events.ts';

let database: SqliteDatabase;
let clock: ManualClock;
beforeEach(() => {
  database = openDatabase(':memory:');
  clock = new ManualClock();
});
afterEach(() => database.close());

function appenderOf(news?: StreamNews): Appender {
  return new Appender({ store: new SqliteLogStore(database), clock, ids: new SystemIds(), window: DEDUPE_EVENTS, ...(news ? { news } : {}) });
}

it('who follows is woken by what its process appends, and looks for what others do', async () => {
  const news = new StreamNews(clock);
  const [ours, theirs] = [appenderOf(news), appenderOf()];
  const stop = new AbortController();
  const following = replay({ chunks: new SqliteLogStore(database), clock, news }, { stream: 's', follow: true, signal: stop.signal });

  const first = following.next();
  await expect.poll(() => clock.sleeping).toBe(1);
  await ours.append('another', [aWritten()]);
  expect(clock.sleeping).toBe(1);
  await ours.append('s', [aWritten({ id: 'ours' })]);
  expect((await first).value?.events.map(({ id }) => id)).toEqual(['ours']);

  const second = following.next();
  await expect.poll(() => clock.sleeping).toBe(1);
  await theirs.append('s', [aWritten({ id: 'theirs' })]);
  expect(clock.sleeping).toBe(1);
  clock.advance(500);
  expect((await second).value?.events.map(({ id }) => id)).toEqual(['theirs']);

  const third = following.next();
  await expect.poll(() => clock.sleeping).toBe(1);
  stop.abort();
  expect((await third).done).toBe(true);
});
