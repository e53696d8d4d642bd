/** What Prometheus reads of a running host, judged by Prometheus's own parser. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Family, parseExposition, prometheusParserAvailable } from '../fixtures/prometheus-parser.ts';
import { HostUnderTest, put } from './support.ts';

/** What Prometheus 3 sends. */
const PROMETHEUS = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const ROUTE = { route: 'primary-secondary' };

describe.skipIf(!prometheusParserAvailable())('GET /metrics for Prometheus', () => {
  let host: HostUnderTest;
  let families: ReadonlyMap<string, Family>;

  const scrape = async (): Promise<ReadonlyMap<string, Family>> => {
    const answer = await fetch(`${host.url}/metrics`, { headers: { accept: PROMETHEUS } });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return new Map(parseExposition(await answer.text()).map((family) => [family.name, family]));
  };
  const sampled = (name: string, labels: Readonly<Record<string, string>>, sample: string = name): number | undefined =>
    families.get(name)?.samples.find((each) => each.name === sample && JSON.stringify(each.labels) === JSON.stringify(labels))?.value;

  beforeAll(async () => {
    host = await HostUnderTest.create({ maxRetries: 1 });
    families = await scrape();
  });
  afterAll(() => host.dispose());

  it('counts from nothing on, so that the first change is an increase', () => {
    expect(sampled('tidemark_replicated_objects', ROUTE, 'tidemark_replicated_objects_total')).toBe(0);
    expect(sampled('tidemark_replication_duration_seconds', ROUTE, 'tidemark_replication_duration_seconds_count')).toBe(0);
    expect(sampled('tidemark_replication_lag_seconds', ROUTE)).toBe(0);
  });

  it('counts what was copied, how large it was, and how long it took', async () => {
    await put(host.source, 'a.txt', 'hello');
    await put(host.source, 'b.txt', 'hello, too');
    await host.arrives('a.txt', 'hello');
    await host.arrives('b.txt', 'hello, too');
    await host.eventually(async () => (await host.call('GET', '/metrics')).body.counts, expect.objectContaining({ done: 2, in_progress: 0 }));

    families = await scrape();

    expect(sampled('tidemark_replicated_objects', ROUTE, 'tidemark_replicated_objects_total')).toBe(2);
    expect(sampled('tidemark_replicated_bytes', ROUTE, 'tidemark_replicated_bytes_total')).toBe(15);
    expect(sampled('tidemark_replication_duration_seconds', ROUTE, 'tidemark_replication_duration_seconds_count')).toBe(2);
    expect(sampled('tidemark_deliveries_finished', { status: 'done' }, 'tidemark_deliveries_finished_total')).toBe(2);
    expect(sampled('tidemark_known_objects', ROUTE)).toBe(2);
    expect(Number(sampled('process_resident_memory_bytes', {}))).toBeGreaterThan(1e7);
  });

  it('counts what fails by its code, and how long it has waited for a person', async () => {
    const gone = { op: 'PUT', key: 'never-there', ts: Date.now() - 60_000, srcRegion: 'primary', dstRegion: 'secondary' };
    await host.call('POST', '/events/ingest', { events: [gone] });
    await host.eventually(async () => (await host.events('&status=error')).length, 1);

    families = await scrape();

    expect(sampled('tidemark_failed_attempts', { ...ROUTE, code: 'NO_SUCH_KEY_AT_SOURCE' }, 'tidemark_failed_attempts_total')).toBe(1);
    expect(sampled('tidemark_failed_deliveries', ROUTE, 'tidemark_failed_deliveries_total')).toBe(1);
    expect(sampled('tidemark_deliveries', { status: 'error' })).toBe(1);
    expect(sampled('tidemark_queue_messages', { state: 'dead' })).toBe(1);
    expect(Number(sampled('tidemark_oldest_error_age_seconds', ROUTE))).toBeGreaterThan(0);
    expect(sampled('tidemark_replication_lag_seconds', ROUTE)).toBe(0);
  });

  it('names things as Prometheus’s conventions have it, and never by a key', () => {
    for (const { name, type, documentation, samples } of families.values()) {
      expect(documentation, name).not.toBe('');
      expect(name).toMatch(/^(tidemark|process)_[a-z_]+$/);
      expect(name).not.toMatch(/_(ms|millis|kb|mb|count|total)$/);
      expect(['gauge', 'counter', 'histogram']).toContain(type);
      for (const each of samples)
        expect(Object.keys(each.labels).filter((label) => !['route', 'status', 'state', 'code', 'le'].includes(label))).toEqual([]);
    }
  });

  it('answers JSON to whoever does not ask for a text', async () => {
    const { status, body } = await host.call('GET', '/metrics');

    expect({ status, body }).toMatchObject({ status: 200, body: { counts: { done: 2, error: 1 }, lagMs: 0, missing: [] } });
    expect(Number(body.oldestErrorAgeMs)).toBeGreaterThan(0);
  });
});
