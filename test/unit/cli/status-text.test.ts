import { describe, expect, it } from 'vitest';
import { type Status, statusText } from '../../../lib/cli/views/status-text.ts';

const NOW = 1_795_000_000_000;
const QUIET: Status = {
  health: { status: 'ok', checks: [{ what: 'region primary', ok: true }] },
  metrics: {
    counts: { pending: 0, in_progress: 0, done: 1_200, superseded: 3, error: 0 },
    lagMs: 0,
    oldestErrorAgeMs: 0,
    backlog: { objects: 0, bytes: 0 },
    queue: { waiting: 0, delayed: 0, inFlight: 0, dead: 0 },
    routes: { 'a-b': { objects: 1_200, lagMs: 0, oldestErrorAgeMs: 0, paused: false, deletesPaused: false, conflicts: 0 } },
    verify: {},
    scheduled: {},
    missing: [],
  },
  routes: [{ name: 'a-b', from: 'a', to: 'b', prefix: '', bidirectional: false, paused: null, deletesPaused: null, deletesAcceptedUntil: null }],
  failing: [],
};

describe('the status as text', () => {
  it('is short where all is well', () => {
    expect(statusText(QUIET, 'http://host', 80, NOW)).toBe(
      [
        'Tidemark  http://host',
        'Healthy   yes',
        'Behind    0 s, nothing waits',
        'Waiting   0 objects to look at, 0 B; 0 looks later',
        'Done      1,200; overtaken by newer changes 3',
        'Failing   nothing',
        'Verified  never; `tidemark verify` compares both sides',
        '',
        'ROUTE  WAY    KEYS  OBJECTS  BEHIND  STATE',
        'a-b    a → b  all     1,200     0 s  runs',
        '',
      ].join('\n'),
    );
  });

  it('does not call nothing what nobody knows', () => {
    const missing = [{ what: 'lagMs', code: 'UNAVAILABLE', message: 'CloudWatch is slow', fix: 'Ask again.' }];

    expect(statusText({ ...QUIET, metrics: { ...QUIET.metrics, missing } }, 'http://host', 80, NOW)).toContain('\nBehind    not known: see below\n');
  });

  it('calls nothing a change that waits where only messages do, as after a replay by hand', () => {
    const text = statusText({ ...QUIET, metrics: { ...QUIET.metrics, lagMs: 84_000 } }, 'http://host', 120, NOW);

    expect(text).toContain('\nBehind    1 min 24 s (age of the oldest message not yet looked at; no recorded change waits)\n');
  });

  it('says for how long deletes run without limit', () => {
    const until = (deletesAcceptedUntil: number) =>
      statusText({ ...QUIET, routes: QUIET.routes.map((route) => ({ ...route, deletesAcceptedUntil })) }, 'http://host', 120, NOW);

    expect(until(NOW + 420_000)).toContain('  deletes without limit, 7 min left\n');
    expect(until(NOW)).toContain('  runs\n');
  });

  it('tells of each route what the last comparison of all its keys found', () => {
    const counts = { equal: 9, missing: 0, different: 0, extra: 0, unknown: 0 };
    const verify = { 'a-b': { at: NOW - 60_000, deep: false, counts: { ...counts, extra: 1 } }, 'a-c': { at: NOW - 5_000, deep: true, counts } };

    const text = statusText({ ...QUIET, metrics: { ...QUIET.metrics, verify } }, 'http://host', 80, NOW);

    expect(text).toContain('\nVerified  equal 9, extra 1, a-b, 1 min ago\nVerified  equal 9, a-c, 5.0 s ago\n');
  });

  it('sends nobody to failures that are over for what they left', () => {
    const queue = { ...QUIET.metrics.queue, dead: 2 };

    expect(statusText({ ...QUIET, metrics: { ...QUIET.metrics, queue } }, 'http://host', 80, NOW)).toContain(
      '\nFailing   nothing; 2 dead letters of what is over: tidemark requeue --all\n',
    );
  });

  it('never cuts what is to be typed, however narrow the terminal', () => {
    const failing = ['NO_SUCH_KEY_AT_SOURCE', 'ACCESS_DENIED'].map((code) => ({
      code,
      count: 4,
      message: '',
      fix: '',
      keys: [],
      since: NOW,
      until: NOW,
    }));
    const counts = { ...QUIET.metrics.counts, error: 8 };
    const queue = { ...QUIET.metrics.queue, dead: 2 };

    expect(statusText({ ...QUIET, metrics: { ...QUIET.metrics, counts }, failing }, 'http://host', 60, NOW)).toContain(
      '\nFailing   8 (NO_SUCH_KEY_AT_SOURCE 4, ACCE…: tidemark failed\n',
    );
    for (const width of [60, 40, 20]) {
      expect(statusText({ ...QUIET, metrics: { ...QUIET.metrics, queue } }, 'http://host', width, NOW)).toContain('…: tidemark requeue --all\n');
    }
  });

  it('says what is wrong with what to do, how far behind, what fails and what is stopped', () => {
    const { metrics } = QUIET;
    const text = statusText(
      {
        ...QUIET,
        health: {
          status: 'failing',
          checks: [{ what: 'region b', ok: false, code: 'BUCKET_MISSING', message: 'the bucket is\x1b[2J gone', fix: 'Create the bucket.' }],
        },
        metrics: {
          ...metrics,
          counts: { ...metrics.counts, pending: 1, error: 12 },
          lagMs: 3_900_000,
          queue: { ...metrics.queue, dead: 1 },
          routes: { 'a-b': { objects: 5, lagMs: 3_900_000, oldestErrorAgeMs: 0, paused: true, deletesPaused: true, conflicts: 0 } },
          missing: [{ what: 'lagMs', code: 'UNAVAILABLE', message: 'CloudWatch is slow', fix: 'Ask again.' }],
        },
        routes: QUIET.routes.map((route) => ({ ...route, bidirectional: true, paused: NOW - 60_000, deletesPaused: NOW - 120_000 })),
        failing: [{ code: 'ACCESS_DENIED', count: 12, message: '', fix: '', keys: [], since: 0, until: 0 }],
      },
      'http://host',
      120,
      NOW,
    );

    for (const line of [
      'Healthy   no: region b',
      '  region b: the bucket is\\e[2J gone',
      '    Create the bucket.',
      'Behind    at least 1 h 5 min (age of the oldest change not yet applied)',
      'Failing   12 (ACCESS_DENIED 12); 1 dead letter: tidemark failed',
      'Unknown   lagMs: CloudWatch is slow. Ask again.',
      'a-b    a ⇄ b  all         5  1 h 5 min  paused 1 min ago, deletes paused 2 min ago',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
  });
});
