import { describe, expect, it } from 'vitest';
import { SqliteControl } from '../../../lib/adapters/sqlite/control.ts';
import { openDatabase } from '../../../lib/adapters/sqlite/database.ts';
import { TidemarkError } from '../../../lib/core/errors.ts';
import type { QueueStats } from '../../../lib/ports/queue.ts';
import { lastCrossing, measureWatermark, type WatermarkDeps } from '../../../lib/usecases/gateway/watermark.ts';
import { ManualClock } from '../../contract/manual-clock.ts';

const clock = new ManualClock();
const NOW = clock.now();
const EMPTY = { waiting: 0, delayed: 0, inFlight: 0, dead: 0 };

function state(of: { open?: number; error?: number; pending?: number; queue?: Partial<QueueStats> } = {}): WatermarkDeps {
  const { open, error, pending = 0, queue = {} } = of;
  const counts = { pending, in_progress: 0, done: 0, superseded: 0, error: 0 };
  return {
    clock,
    index: {
      oldest: async () => ({ ...(open === undefined ? {} : { open }), ...(error === undefined ? {} : { error }) }),
      stats: async () => ({ counts, openBytes: 0, objects: {}, conflicts: {} }),
    },
    admin: { stats: async () => ({ ...EMPTY, ...queue }) },
  };
}

describe('the replicated-through watermark', () => {
  it.each([
    ['nothing waits', {}, { through: NOW, open: 0, failedSince: null }],
    ['a record waits', { open: NOW - 9_000, pending: 2 }, { through: NOW - 9_000, open: 2 }],
    [
      'an older message lies unread',
      { open: NOW - 9_000, pending: 2, queue: { waiting: 5, oldestAt: NOW - 20_000 } },
      { through: NOW - 20_000, open: 5 },
    ],
    ['a change failed', { error: NOW - 60_000 }, { through: NOW, open: 0, failedSince: NOW - 60_000 }],
    [
      'nobody knows how old the messages are',
      { queue: { waiting: 3, oldestUnknown: new TidemarkError('UNAVAILABLE', 'no figures') } },
      { through: null, open: 3 },
    ],
    ['nobody knows, and there are none', { queue: { oldestUnknown: new TidemarkError('UNAVAILABLE', 'no figures') } }, { through: NOW, open: 0 }],
  ])('is as far as all has crossed, where %s', async (_what, of, expected) => {
    expect(await measureWatermark(state(of), 'a-b')).toMatchObject({ route: 'a-b', at: NOW, ...expected });
  });

  it('is read with its age where the route itself cannot be asked', async () => {
    const control = new SqliteControl(openDatabase(':memory:'));
    expect(await lastCrossing({ control, clock }, 'a-b')).toBeNull();
    await control.putWatermark(await measureWatermark(state({ open: NOW - 5_000, pending: 1 }), 'a-b'));
    clock.advance(30_000);

    expect(await lastCrossing({ control, clock }, 'a-b')).toMatchObject({ through: NOW - 5_000, open: 1, ageMs: 30_000 });
    expect(await lastCrossing({ control, clock }, 'c-d')).toBeNull();
  });
});
