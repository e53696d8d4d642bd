/** The Grafana dashboard: a shape that Grafana takes, expressions of PromQL, and no metric or label that a running host does not tell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { textOf } from '../fixtures/markdown.ts';
import { HostUnderTest } from './support.ts';

const FILE = join(import.meta.dirname, '../../deploy/grafana/dashboards/tidemark.json');
/** Prometheus's own of each target, with the labels that it adds to everything. */
const PROMETHEUS_OWN = ['up', 'job', 'instance'];

const gridPos = z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });
const target = z.object({
  refId: z.string(),
  expr: z.string().min(1),
  legendFormat: z.string(),
  datasource: z.object({ uid: z.string().regex(/^\$\{datasource\}$/) }),
});
const panel = z.discriminatedUnion('type', [
  z.object({ type: z.literal('row'), id: z.int(), title: z.string().min(1), gridPos, collapsed: z.literal(false) }),
  z.object({
    type: z.enum(['stat', 'timeseries']),
    id: z.int(),
    title: z.string().min(1),
    description: z.string().min(1),
    gridPos,
    targets: z.array(target).min(1),
    fieldConfig: z.object({ defaults: z.object({ unit: z.string() }), overrides: z.array(z.unknown()) }),
    options: z.record(z.string(), z.unknown()),
  }),
]);
const dashboard = z.object({
  uid: z.string().max(40),
  title: z.literal('Tidemark'),
  schemaVersion: z.int().min(36),
  templating: z.object({ list: z.array(z.object({ type: z.enum(['datasource', 'query']), name: z.string() })) }),
  panels: z.array(panel),
});

const read = dashboard.parse(JSON.parse(readFileSync(FILE, 'utf8')));
const expressions = read.panels.flatMap((each) => (each.type === 'row' ? [] : each.targets.map(({ expr }) => expr)));
/** Beside them those that the runbook gives to alert on. */
const alerts = [...textOf('docs/runbook.md').matchAll(/`([^`\n]*tidemark_[^`\n]*)`/g)].map(([, expr = '']) => expr);

interface Named {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
  readonly errors: number;
}

function namedIn(expression: string): Named {
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics: string[] = [];
  const labels: string[] = [];
  let errors = 0;
  parser.parse(text).iterate({
    enter: ({ name, from, to, type, node }) => {
      if (type.isError) errors++;
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(text.slice(from, to));
      if (name === 'LabelName') labels.push(text.slice(from, to));
    },
  });
  return { metrics, labels, errors };
}

it('has panels that lie beside each other, each with an id of its own', () => {
  const taken = new Set<string>();
  for (const { gridPos: at, title } of read.panels) {
    expect(at.x + at.w, title).toBeLessThanOrEqual(24);
    for (let x = at.x; x < at.x + at.w; x++) {
      for (let y = at.y; y < at.y + at.h; y++) {
        expect(taken.has(`${x},${y}`), title).toBe(false);
        taken.add(`${x},${y}`);
      }
    }
  }
  expect(new Set(read.panels.map(({ id }) => id)).size).toBe(read.panels.length);
});

it('asks, from top to bottom: healthy, how far behind, how fast, what fails, which region is written, what it costs', () => {
  const rows = read.panels.filter(({ type }) => type === 'row').toSorted((a, b) => a.gridPos.y - b.gridPos.y);

  expect(rows.map(({ title }) => title)).toEqual([
    'Is it healthy?',
    'How far behind is it?',
    'How fast is it?',
    'What fails?',
    'Which region does the gateway write?',
    'What does it cost?',
  ]);
});

describe('on a running host', () => {
  let host: HostUnderTest;
  let metrics: ReadonlySet<string>;
  let labels: ReadonlySet<string>;

  beforeAll(async () => {
    host = await HostUnderTest.create();
    const text = await (await fetch(`${host.url}/metrics`, { headers: { accept: 'text/plain' } })).text();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    metrics = new Set([
      ...PROMETHEUS_OWN,
      ...types.flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])),
    ]);
    labels = new Set([
      ...PROMETHEUS_OWN,
      'code',
      'kind',
      'region',
      'method',
      'status',
      'served_by',
      ...[...text.matchAll(/[{,]([a-z]+)="/g)].map(([, label = '']) => label),
    ]);
  });
  afterAll(() => host.dispose());

  it.each([...expressions, ...alerts])('%s', (expression) => {
    const named = namedIn(expression);

    expect(named.errors).toBe(0);
    expect(named.metrics.length).toBeGreaterThan(0);
    expect(named.metrics.filter((name) => !metrics.has(name))).toEqual([]);
    expect(named.labels.filter((name) => !labels.has(name))).toEqual([]);
  });

  it('leaves nothing out that the host tells of replication', () => {
    const shown = new Set(expressions.flatMap((expression) => namedIn(expression).metrics));
    const kept = [...metrics].filter((name) => name.startsWith('tidemark_') && !/_(sum|count)$/.test(name));

    // How many objects there are is nothing to watch.
    expect(kept.filter((name) => !shown.has(name))).toEqual(['tidemark_known_objects']);
  });
});
