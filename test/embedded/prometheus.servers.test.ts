/** The text of a running host, judged by Prometheus's own parser and by its conventions for names. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Family, parseExposition, prometheusParserAvailable } from '../fixtures/prometheus-parser.ts';
import { HostUnderTest, put } from './support.ts';

const LABELS: ReadonlySet<string> = new Set(['route', 'status', 'state', 'code', 'kind', 'le']);

describe.skipIf(!prometheusParserAvailable())('GET /metrics for Prometheus', () => {
  let host: HostUnderTest;
  let families: readonly Family[];

  beforeAll(async () => {
    host = await HostUnderTest.create({}, {}, { canary: { everySec: 10 } });
  });
  afterAll(() => host.dispose());

  it('is a text that Prometheus reads', async () => {
    await put(host.source, 'a "key" \\ with\nnews', 'hello');
    await host.arrives('a "key" \\ with\nnews', 'hello');

    const answer = await fetch(`${host.url}/metrics`, { headers: { accept: 'text/plain' } });
    families = parseExposition(await answer.text());

    expect(families.length).toBeGreaterThan(15);
    expect(families.find(({ name }) => name === 'tidemark_replicated_objects')?.type).toBe('counter');
  });

  it('names things in base units, with a help each, and as what they are', () => {
    for (const { name, type, documentation } of families) {
      expect(documentation, name).not.toBe('');
      expect(name).toMatch(/^(tidemark|process)_[a-z_]+$/);
      expect(name).not.toMatch(/_(ms|millis|minutes|kb|mb|count|sum|bucket|total)$/);
      expect(['gauge', 'counter', 'histogram']).toContain(type);
    }
    const counters = families.filter(({ type }) => type === 'counter').flatMap(({ samples }) => samples);
    expect(counters.filter(({ name }) => !name.endsWith('_total'))).toEqual([]);
  });

  it('has few labels, and no key in any', () => {
    const labels = families.flatMap(({ samples }) => samples.flatMap((sample) => Object.entries(sample.labels)));

    expect(labels.filter(([name, value]) => !LABELS.has(name) || value.includes('key'))).toEqual([]);
  });
});
