/** `tidemark status` as text. */
import type { Health, Metrics, RouteView, VerifyView } from '../api-types.ts';
import type { Cause } from '../causes.ts';
import { type Tone, toned } from '../terminal.ts';
import { table } from '../text/table.ts';
import { ago, bytes, count, duration, some } from '../text/units.ts';
import { cutEnd, visible } from '../text/visible.ts';
import { verdictOf } from './verify-text.ts';

export interface Status {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly routes: readonly RouteView[];
  /** The commonest first; of the first thousand errors. */
  readonly failing: readonly Cause[];
  /** Null: there was none yet. */
  readonly lastVerify: VerifyView | null;
}

const LABEL = 10;

/** @param width columns to fit into */
export function statusText({ health, metrics, routes, failing, lastVerify }: Status, where: string, width: number, now: number): string {
  const { counts, lagMs, backlog, queue } = metrics;
  const wrong = health.checks.filter(({ ok }) => !ok);
  const lines = [
    line('Tidemark', where, width),
    health.status === 'ok' ? line('Healthy', 'yes', width, 'good') : line('Healthy', `no: ${wrong.map(({ what }) => what).join(', ')}`, width, 'bad'),
    ...wrong.flatMap(({ what, message, fix }) => [`  ${visible(what)}: ${visible(message ?? '')}\n`, `    ${visible(fix ?? '')}\n`]),
    line(
      'Behind',
      lagMs === 0 ? '0 s, nothing waits' : `${duration(lagMs)} (age of the oldest change not yet applied)`,
      width,
      lagMs > 60_000 ? 'careful' : undefined,
    ),
    line('Waiting', `${some(backlog.objects, 'object')}, ${bytes(backlog.bytes)}; ${some(queue.delayed, 'retry', 'retries')} later`, width),
    line('Done', `${count(counts.done)}; overtaken by newer changes ${count(counts.superseded)}`, width),
    failingLine(counts.error, queue.dead, failing, width),
    lastVerify
      ? line('Verified', `${verdictOf(lastVerify)}, ${lastVerify.route}, ${ago(lastVerify.finishedAt ?? lastVerify.startedAt, now)}`, width)
      : line('Verified', 'never; `tidemark verify` compares both sides', width),
    ...metrics.missing.map(({ what, message, fix }) => line('Unknown', `${what}: ${message}. ${fix}`, width, 'careful')),
  ];
  return `${lines.join('')}\n${routeTable(routes, metrics.routes, width, now)}`;
}

function failingLine(errors: number, dead: number, failing: Status['failing'], width: number): string {
  if (errors === 0 && dead === 0) return line('Failing', 'nothing', width, 'good');
  const causes = failing.map(({ code, count: times }) => `${code} ${count(times)}`).join(', ');
  const letters = dead === 0 ? '' : `; ${some(dead, 'dead letter')}`;
  return line('Failing', `${count(errors)}${causes === '' ? '' : ` (${causes})`}${letters}: tidemark failed`, width, 'bad');
}

export function routeTable(routes: Status['routes'], known: Status['metrics']['routes'], width: number, now: number): string {
  const rows = routes.map((route) => {
    const { name, from, to, prefix, bidirectional } = route;
    return [
      name,
      `${from} ${bidirectional ? '↔' : '→'} ${to}`,
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

function stateOf({ paused, deletesPaused }: Status['routes'][number], now: number): string {
  const states = [
    ...(paused === null ? [] : [`paused ${ago(paused, now)}`]),
    ...(deletesPaused === null ? [] : [`deletes paused ${ago(deletesPaused, now)}`]),
  ];
  return states.join(', ') || 'runs';
}

function line(label: string, text: string, width: number, tone?: Tone): string {
  const shown = cutEnd(visible(text), width - LABEL);
  return `${label.padEnd(LABEL)}${tone ? toned(tone, shown) : shown}\n`;
}
