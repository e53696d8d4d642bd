/** The failover, and what a switch came to, as text. */
import type { CrossingView, FailoverView, PromotedView } from '../api-types.ts';
import { type Tone, toned } from '../terminal.ts';
import { table } from '../text/table.ts';
import { ago, count, duration, some, time } from '../text/units.ts';
import { cutEnd, visible } from '../text/visible.ts';

const LABEL = 10;

/** @param width columns to fit into */
export function failoverText(state: FailoverView, where: string, width: number, now: number): string {
  const { active, first, epoch, phase, mode, problem, crossing, switches } = state;
  const since = switches[0] ? `, since ${time(switches[0].at)}` : '';
  const line = (label: string, text: string, tone?: Tone): string => {
    const shown = cutEnd(visible(text), width - LABEL);
    return `${label.padEnd(LABEL)}${tone ? toned(tone, shown) : shown}\n`;
  };
  const lines = [
    line('Gateway', where),
    line('Active', `${active}${active === first ? '' : ` (first is ${first})`}, epoch ${count(epoch)}${since}`),
    line('Phase', `${phase === null ? 'not known' : PHASES[phase]}; ${MODES[mode]}`, phase === 'healthy' ? 'good' : 'careful'),
    line('Writes', writesText(state), state.writes === 'open' ? 'good' : 'bad'),
    line('Crossed', crossingText(crossing, now), crossing && crossing.open === 0 && crossing.failedSince === null ? undefined : 'careful'),
    ...(problem ? [line('Unknown', `${problem.message}. ${problem.fix}`, 'bad')] : []),
  ];
  return `${lines.join('')}\n${probeTable(state, width)}\n${switchTable(state, width)}`;
}

const PHASES: Readonly<Record<NonNullable<FailoverView['phase']>, string>> = {
  healthy: 'healthy',
  suspect: 'suspect: the active region fails its probes',
  failedOver: 'failed over: the first region is not active',
  held: 'held: no automatic switch for some minutes after the last one',
};

const MODES: Readonly<Record<FailoverView['mode'], string>> = { auto: 'switches by itself', manual: 'switches only when it is told to' };

function writesText({ writes, writesInMs, active }: FailoverView): string {
  if (writes === 'open') return `taken by ${active}`;
  return writes === 'closed' ? `rest; ${whenText(writesInMs)}` : 'not known: the last reading of the control record is too old to write by';
}

function whenText(writesInMs: number): string {
  return writesInMs > 0 ? `taken in ${duration(writesInMs)}` : 'taken with the next write or probe';
}

/** What a switch may leave behind. */
export function crossingText(crossing: CrossingView | null, now: number): string {
  if (!crossing) return 'nobody knows: nothing was ever written down';
  const { through, open, failedSince, ageMs } = crossing;
  const known = `as known ${duration(ageMs)} ago`;
  const since = through === null ? 'nobody knows since when' : `the oldest of ${time(through)} (${ago(through, now)})`;
  const waiting = open === 0 ? `all changes, ${known}` : `all but ${some(open, 'change')} at most, ${since}, ${known}`;
  return failedSince === null ? waiting : `${waiting}; and none of those that failed since ${time(failedSince)}: tidemark failed`;
}

/** @returns lines for people: which region is active, when writes are taken, and what may not have crossed */
export function promotedLines({ changed, epoch, from, active, writesInMs, crossing }: PromotedView, now: number): readonly string[] {
  const was = changed && from !== null ? `, after ${from}` : ' already';
  return [
    `${active} is active${was} (epoch ${epoch}).`,
    writesInMs > 0
      ? `Writes are taken there in ${duration(writesInMs)}; until then they are refused (503), and reads go on.`
      : 'Writes are taken there.',
    `Crossed to it: ${crossingText(crossing, now)}.`,
    ...(changed && (crossing?.open ?? 1) > 0 && from !== null
      ? [`What has not crossed does so once ${from} answers; what both sides changed meanwhile: tidemark conflicts list.`]
      : []),
  ].map(visible);
}

function probeTable({ regions, active }: FailoverView, width: number): string {
  const rows = Object.entries(regions).flatMap(([region, observers]) => {
    const role = region === active ? 'active' : 'replica';
    const seen = Object.entries(observers);
    if (seen.length === 0) return [[region, role, 'nobody yet', '', '']];
    return seen.map(([observer, { failures, answers, problem }]) => [
      region,
      role,
      observer,
      failures > 0 ? `${some(failures, 'failure')} in a row` : `${some(answers, 'answer')} in a row`,
      problem ?? '',
    ]);
  });
  return table([{ title: 'REGION' }, { title: 'ROLE' }, { title: 'OBSERVER' }, { title: 'PROBES' }, { title: 'PROBLEM', cut: 'end' }], rows, width);
}

function switchTable({ switches }: FailoverView, width: number): string {
  const rows = switches.map(({ epoch, from, to, kind, forced, at, by, why }) => [
    count(epoch),
    time(at),
    `${from ?? '·'} → ${to}`,
    forced ? `${kind}, forced` : kind,
    by,
    why,
  ]);
  const titles = [
    { title: 'EPOCH', align: 'right' as const },
    { title: 'AT' },
    { title: 'SWITCH' },
    { title: 'KIND' },
    { title: 'BY', cut: 'end' as const },
    { title: 'WHY', cut: 'end' as const },
  ];
  return table(titles, rows, width);
}
