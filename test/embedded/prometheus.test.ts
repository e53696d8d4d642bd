/** What Prometheus reads of a running host. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HostUnderTest, put } from './support.ts';

/** What Prometheus 3 sends. */
const PROMETHEUS = 'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
const ROUTE = 'route="primary-secondary"';

let host: HostUnderTest;
let samples: ReadonlyMap<string, number>;

beforeAll(async () => {
  host = await HostUnderTest.create({ maxRetries: 1 });
  samples = await scrape();
});
afterAll(() => host.dispose());

async function scrape(): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${host.url}/metrics`, { headers: { accept: PROMETHEUS } });
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** Nothing is open, under way or unread: what follows is told of what is over. */
async function rests(): Promise<void> {
  const idle = { waiting: 0, delayed: 0, inFlight: 0 };
  await host.eventually(
    async () => {
      const { counts, queue } = (await host.call('GET', '/metrics')).body as { counts: Record<string, number>; queue: Record<string, number> };
      return { open: (counts.pending ?? 0) + (counts.in_progress ?? 0), ended: (counts.done ?? 0) >= 2, queue };
    },
    { open: 0, ended: true, queue: expect.objectContaining(idle) },
  );
}

it('counts from nothing on, so that the first change is an increase', () => {
  expect(samples.get(`tidemark_replicated_objects_total{${ROUTE}}`)).toBe(0);
  expect(samples.get(`tidemark_replication_duration_seconds_count{${ROUTE}}`)).toBe(0);
  expect(samples.get(`tidemark_replication_lag_seconds{${ROUTE}}`)).toBe(0);
});

it('counts what was copied, how large it was, and how long it took', async () => {
  await put(host.source, 'a.txt', 'hello');
  await put(host.source, 'b.txt', 'hello, too');
  await host.arrives('a.txt', 'hello');
  await host.arrives('b.txt', 'hello, too');
  await rests();

  samples = await scrape();

  expect(samples.get(`tidemark_replicated_objects_total{${ROUTE}}`)).toBe(2);
  expect(samples.get(`tidemark_replicated_bytes_total{${ROUTE}}`)).toBe(15);
  expect(samples.get(`tidemark_replication_duration_seconds_count{${ROUTE}}`)).toBe(2);
  // The first comparison of both sides may have told of one as well.
  expect(samples.get('tidemark_deliveries_finished_total{status="done"}')).toBeGreaterThanOrEqual(2);
  expect(samples.get(`tidemark_known_objects{${ROUTE}}`)).toBe(2);
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
});

it('counts what fails by its code, and how long it has waited for a person', async () => {
  const gone = { op: 'PUT', key: 'never-there', ts: Date.now() - 60_000, srcRegion: 'primary', dstRegion: 'secondary' };
  await host.call('POST', '/events/ingest', { events: [gone] });
  await host.eventually(async () => (await host.events('&status=error')).length, 1);
  await rests();

  samples = await scrape();

  expect(samples.get(`tidemark_failed_attempts_total{${ROUTE},code="NO_SUCH_KEY_AT_SOURCE"}`)).toBe(1);
  expect(samples.get(`tidemark_failed_deliveries_total{${ROUTE}}`)).toBe(1);
  expect(samples.get('tidemark_deliveries{status="error"}')).toBe(1);
  expect(samples.get('tidemark_queue_messages{state="dead"}')).toBe(1);
  expect(samples.get(`tidemark_oldest_error_age_seconds{${ROUTE}}`)).toBeGreaterThan(0);
  expect(samples.get(`tidemark_replication_lag_seconds{${ROUTE}}`)).toBe(0);
});

it('answers JSON to whoever does not ask for a text', async () => {
  const { status, body } = await host.call('GET', '/metrics');

  expect({ status, body }).toMatchObject({ status: 200, body: { counts: { error: 1 }, lagMs: 0, missing: [] } });
  expect(Number(body.oldestErrorAgeMs)).toBeGreaterThan(0);
});
