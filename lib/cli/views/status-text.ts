/** `tidemark status` as text. */
import type { Health, Metrics, RouteView } from '../api-types.ts';
import type { Cause } from '../causes.ts';
import { type Tone, toned } from '../terminal.ts';
import { table } from '../text/table.ts';
import { ago, bytes, count, duration, some } from '../text/units.ts';
import { cutEnd, visible } from '../text/visible.ts';
import { foundText } from './verify-text.ts';

export interface Status {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly routes: readonly RouteView[];
  /** The commonest first; of the first thousand errors. */
  readonly failing: readonly Cause[];
}

const LABEL = 10;

/** @param width columns to fit into */
export function statusText({ health, metrics, routes, failing }: Status, where: string, width: number, now: number): string {
  const { counts, lagMs, backlog, queue } = metrics;
  const wrong = health.checks.filter(({ ok }) => !ok);
  const lines = [
    line('Tidemark', where, width),
    health.status === 'ok' ? line('Healthy', 'yes', width, 'good') : line('Healthy', `no: ${wrong.map(({ what }) => what).join(', ')}`, width, 'bad'),
    ...wrong.flatMap(({ what, message, fix }) => [`  ${visible(what)}: ${visible(message ?? '')}\n`, `    ${visible(fix ?? '')}\n`]),
    line('Behind', behindText(metrics), width, lagMs > 60_000 || metrics.missing.length > 0 ? 'careful' : undefined),
    line('Waiting', `${some(backlog.objects, 'object')} to look at, ${bytes(backlog.bytes)}; ${some(queue.delayed, 'look')} later`, width),
    line('Done', `${count(counts.done)}; overtaken by newer changes ${count(counts.superseded)}`, width),
    failingLine(counts.error, queue.dead, failing, width),
    ...verifiedLines(metrics.verify, width, now),
    ...metrics.missing.map(({ what, message, fix }) => line('Unknown', `${what}: ${message}. ${fix}`, width, 'careful')),
  ];
  return `${lines.join('')}\n${routeTable(routes, metrics.routes, width, now)}`;
}

function behindText({ counts, lagMs, missing }: Metrics): string {
  const unsure = missing.length > 0;
  if (lagMs === 0) return unsure ? 'not known: see below' : '0 s, nothing waits';
  // Messages come late to keys that were replayed meanwhile: only a record knows that a change is not applied.
  const oldest = counts.pending + counts.in_progress > 0 ? 'change not yet applied' : 'message not yet looked at; no recorded change waits';
  return `${unsure ? 'at least ' : ''}${duration(lagMs)} (age of the oldest ${oldest})`;
}

/** Of each route the last comparison of all its keys: one of a part of them, or what a repair has mended, says nothing of the whole. */
function verifiedLines(verify: Metrics['verify'], width: number, now: number): readonly string[] {
  const lines = Object.entries(verify).map(([route, { at, counts }]) => line('Verified', `${foundText(counts)}, ${route}, ${ago(at, now)}`, width));
  return lines.length > 0 ? lines : [line('Verified', 'never; `tidemark verify` compares both sides', width)];
}

function failingLine(errors: number, dead: number, failing: Status['failing'], width: number): string {
  if (errors === 0 && dead === 0) return line('Failing', 'nothing', width, 'good');
  if (errors === 0) return askedLine('Failing', `nothing; ${some(dead, 'dead letter')} of what is over`, 'tidemark requeue --all', width);
  const causes = failing.map(({ code, count: times }) => `${code} ${count(times)}`).join(', ');
  const letters = dead === 0 ? '' : `; ${some(dead, 'dead letter')}`;
  return askedLine('Failing', `${count(errors)}${causes === '' ? '' : ` (${causes})`}${letters}`, 'tidemark failed', width, 'bad');
}

export function routeTable(routes: Status['routes'], known: Status['metrics']['routes'], width: number, now: number): string {
  const rows = routes.map((route) => {
    const { name, from, to, prefix, bidirectional } = route;
    return [
      name,
      `${from} ${bidirectional ? '⇄' : '→'} ${to}`,
      prefix === '' ? 'all' : prefix,
      count(known[name]?.objects ?? 0),
      duration(known[name]?.lagMs ?? 0),
      stateOf(route, now),
    ];
  });
  const titles = [
    { title: 'ROUTE' },
    { title: 'WAY' },
    { title: 'KEYS', cut: 'middle' as const },
    { title: 'OBJECTS', align: 'right' as const },
    { title: 'BEHIND', align: 'right' as const },
    { title: 'STATE', cut: 'end' as const },
  ];
  return table(titles, rows, width);
}

function stateOf({ paused, deletesPaused, deletesAcceptedUntil: until }: Status['routes'][number], now: number): string {
  const states = [
    ...(paused === null ? [] : [`paused ${ago(paused, now)}`]),
    ...(deletesPaused === null ? [] : [`deletes paused ${ago(deletesPaused, now)}`]),
    ...(until == null || until <= now ? [] : [`deletes without limit, ${duration(until - now)} left`]),
  ];
  return states.join(', ') || 'runs';
}

/** What is to be typed is never cut. */
function askedLine(label: string, text: string, command: string, width: number, tone?: Tone): string {
  const end = `: ${command}`;
  return line(label, `${cutEnd(visible(text), Math.max(1, width - LABEL - end.length))}${end}`, Math.max(width, LABEL + 1 + end.length), tone);
}

function line(label: string, text: string, width: number, tone?: Tone): string {
  const shown = cutEnd(visible(text), width - LABEL);
  return `${label.padEnd(LABEL)}${tone ? toned(tone, shown) : shown}\n`;
}
