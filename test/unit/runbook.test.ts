import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../lib/core/errors.ts';
import { GAUGES } from '../../lib/local/prometheus/gauges.ts';
import { PrometheusRegistry } from '../../lib/local/prometheus/registry.ts';
import { anchorsOf, brokenLinks, DOCUMENTS, textOf } from '../fixtures/markdown.ts';

const RUNBOOK = 'docs/runbook.md';

describe('the runbook', () => {
  it.each(Object.keys(ERROR_CODES))('says what %s means, how patient Tidemark is with it, how to see it and what to do', (code) => {
    const [, section = ''] = textOf(RUNBOOK).split(`\n## ${code}\n`);
    const text = section.split('\n## ')[0] ?? '';

    expect(anchorsOf(RUNBOOK)).toContain(code.toLowerCase());
    expect(text.trim().toLowerCase()).toMatch(new RegExp(`^${ERROR_CODES[code as keyof typeof ERROR_CODES].patience}\\.`));
    expect(text).toMatch(/\*\*(Means:|See)/);
    expect(text.toLowerCase()).toMatch(/see[,:]/);
    expect(text.toLowerCase()).toMatch(/do[,:]/);
  });

  it('tells of no code that there is not', () => {
    const told = [...textOf(RUNBOOK).matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);

    expect(told.sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('names no metric that the host does not tell', async () => {
    const registry = new PrometheusRegistry(['r']);
    const told = await registry.text({
      counts: { pending: 0, in_progress: 0, done: 0, superseded: 0, error: 0 },
      lagMs: 0,
      oldestErrorAgeMs: 0,
      backlog: { objects: 0, bytes: 0 },
      queue: { waiting: 0, delayed: 0, inFlight: 0, dead: 0 },
      routes: {},
      verify: {},
      scheduled: {},
      missing: [],
    });
    const named = new Set([...textOf(RUNBOOK).matchAll(/\btidemark_[a-z_]+/g)].map(([name]) => name));

    expect(named.size).toBeGreaterThan(3);
    for (const name of named) expect(told, name).toContain(`# TYPE ${name} `);
    expect(GAUGES.length).toBeGreaterThan(0);
  });
});

it.each(DOCUMENTS)('every link of %s leads somewhere', (document) => {
  expect(brokenLinks(document)).toEqual([]);
});
