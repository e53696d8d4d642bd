import { expect, it } from 'vitest';
import type { BackfillView, VerifyView } from '../../../lib/cli/api-types.ts';
import { backfillTable } from '../../../lib/cli/views/backfill-text.ts';
import { replayLines } from '../../../lib/cli/views/replay-text.ts';
import { verifySummary, verifyTable } from '../../../lib/cli/views/verify-text.ts';
import { waitsLines, waitsText } from '../../../lib/cli/views/waits-text.ts';

const NOW = 1_795_000_000_000;
const WAITS = 'waits: route a-b has been paused since 2026-11-18 11:06:40Z; to let it go on: tidemark routes resume a-b';
const COUNTS = { equal: 8, missing: 2_977, different: 0, extra: 0, unknown: 0 };
const REPAIR: VerifyView = {
  ...{ id: 'v-1', kind: 'repair', status: 'running', route: 'a-b', paused: NOW, srcRegion: 'a', dstRegion: 'b', prefix: '', deep: false },
  ...{ counts: COUNTS, compared: 2_985, bytes: 8, enqueued: 2_977, startedAt: NOW },
};
const BACKFILL: BackfillView = {
  ...{ id: 'b-1', status: 'running', route: 'a-b', paused: NOW, srcRegion: 'a', dstRegion: 'b', prefix: '', mode: 'all', failure: null },
  ...{ createdAt: NOW, planned: 0, listed: 0, enqueued: 0, done: 0, failed: 0, waiting: 0, bytes: 0, rate: 0, timeLeftMs: null },
};

it('names the paused route, and the command that lets it go on', () => {
  expect(waitsText(REPAIR)).toBe(WAITS);
  expect(waitsText({ ...REPAIR, paused: null })).toBeNull();
});

it('shows in lists what waits, and why once a route', () => {
  expect(verifyTable([REPAIR], 120, NOW)).toContain('waits');
  expect(verifyTable([{ ...REPAIR, paused: null }], 120, NOW)).toContain('running');
  expect(backfillTable([BACKFILL], 120, NOW)).toContain('waits');
  expect(waitsLines([BACKFILL, { ...BACKFILL, id: 'b-2' }, { ...BACKFILL, route: 'c-d', paused: null }])).toEqual([WAITS]);
});

it('counts the keys of either side as compared', () => {
  expect(verifySummary({ ...REPAIR, status: 'done' })).toContain('equal 8, missing 2,977 of 2,985 keys (a-b;');
});

it('tells the keys that were tried from their events, and names each route that holds some back', () => {
  const result = { processed: 1_000, done: 923, superseded: 919, retried: 4, error: 0, remaining: 3, paused: [], partial: true };

  expect(replayLines(result)).toEqual([
    'Tried 1,000 keys, of which 4 are tried again later; their events: done 923, overtaken 919, failed 0. Still waiting: 3 events.',
  ]);
  expect(replayLines({ ...result, processed: 0, retried: 0, done: 0, superseded: 0, remaining: 4, paused: ['a-b'] })).toEqual([
    'Tried 0 keys; their events: done 0, overtaken 0, failed 0. Still waiting: 4 events.',
    'Route a-b is paused, and what waits on it was not tried. To let it go on: tidemark routes resume a-b',
  ]);
});
