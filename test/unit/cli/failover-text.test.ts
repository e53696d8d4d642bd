import { describe, expect, it } from 'vitest';
import type { CrossingView, FailoverView } from '../../../lib/cli/api-types.ts';
import { crossingText, failoverText, promotedLines } from '../../../lib/cli/views/failover-text.ts';

const NOW = Date.UTC(2026, 10, 22, 2, 0, 0);
const STATE: FailoverView = {
  phase: 'failedOver',
  mode: 'auto',
  active: 'secondary',
  replica: 'primary',
  first: 'primary',
  epoch: 2,
  writes: 'closed',
  writesInMs: 9_500,
  regions: {
    secondary: { host: { failures: 0, answers: 4, problem: null } },
    primary: { host: { failures: 3, answers: 0, problem: 'it\x1b[2J hangs' } },
  },
  crossing: { through: NOW - 60_000, open: 3, failedSince: null, ageMs: 9_000 },
  switches: [
    {
      epoch: 2,
      from: 'primary',
      to: 'secondary',
      kind: 'auto',
      forced: false,
      at: NOW - 1_000,
      by: 'observer:host',
      why: 'primary failed 3 probes in a row',
    },
  ],
  problem: null,
};
const text = (state: Partial<FailoverView>): string => failoverText({ ...STATE, ...state }, 'http://host', 200, NOW);

describe('the state of a gateway', () => {
  it('says when writes are taken, who answers, and what has not crossed', () => {
    expect(text({})).toBe(
      `Gateway   http://host
Active    secondary (first is primary), epoch 2, since 2026-11-22 01:59:59Z
Phase     failed over: the first region is not active; switches by itself
Writes    rest; taken in 9.5 s
Crossed   all but 3 changes at most, the oldest of 2026-11-22 01:59:00Z (1 min ago), as known 9.0 s ago

REGION     ROLE     OBSERVER  PROBES               PROBLEM
secondary  active   host      4 answers in a row
primary    replica  host      3 failures in a row  it\\e[2J hangs

EPOCH  AT                    SWITCH               KIND  BY             WHY
    2  2026-11-22 01:59:59Z  primary → secondary  auto  observer:host  primary failed 3 probes in a row
`,
    );
  });

  it('says what nobody knows', () => {
    const unknown = text({
      phase: null,
      writes: 'unknown',
      crossing: null,
      regions: { primary: {} },
      problem: { code: 'X', message: 'it is locked', fix: 'Wait.' },
    });

    expect(unknown).toMatch(/^Phase +not known; /m);
    expect(unknown).toMatch(/^Writes +not known: /m);
    expect(unknown).toMatch(/^Crossed +nobody knows/m);
    expect(unknown).toMatch(/^Unknown +it is locked\. Wait\.$/m);
    expect(unknown).toMatch(/^primary +replica +nobody yet$/m);
  });
});

it.each<readonly [Partial<CrossingView>, RegExp]>([
  [{ open: 0 }, /^all changes, as known 9\.0 s ago$/],
  [{ open: 1, through: null }, /^all but 1 change at most, nobody knows since when, /],
  [{ open: 0, failedSince: NOW }, /^all changes, .*; and none of those that failed since 2026-11-22 02:00:00Z: tidemark failed$/],
])('what has crossed where %j', (crossing, words) => {
  expect(crossingText({ through: NOW - 60_000, open: 3, failedSince: null, ageMs: 9_000, ...crossing }, NOW)).toMatch(words);
});

it('a switch says what comes over once the other region answers, and one that was not needed that it was not', () => {
  const made = { changed: true, epoch: 2, from: 'primary', active: 'secondary', writesInMs: 10_300, crossing: STATE.crossing };

  expect(promotedLines(made, NOW)).toEqual([
    'secondary is active, after primary (epoch 2).',
    'Writes are taken there in 10 s; until then they are refused (503), and reads go on.',
    expect.stringMatching(/^Crossed to it: all but 3 changes/),
    'What has not crossed does so once primary answers; what both sides changed meanwhile: tidemark conflicts list.',
  ]);
  expect(promotedLines({ ...made, changed: false, writesInMs: 0 }, NOW)).toEqual([
    'secondary is active already (epoch 2).',
    'Writes are taken there.',
    expect.stringMatching(/^Crossed to it: /),
  ]);
});
