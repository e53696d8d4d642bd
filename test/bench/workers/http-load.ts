/** One client for whoever speaks HTTP: undici's dispatcher, a connection for each request in flight. */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { Signer } from '../../../lib/adapters/s3/lean/signer.ts';
import type { HttpLoadJob, HttpRun, Target } from '../support/http-load.ts';
import { forEachOf, keyOf, OBJECT_BYTES, bytesOf as smallBytesOf } from '../support/small-objects.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

const CHUNK = Buffer.alloc(256 * 1024, 'tidemark');
const TICK_MS = 1;
/** Of a paced run: both ends are cold. */
const WARM_UP_MS = 2_000;

const { target, method, objects, bytes, inFlight, perSecond, warms = true } = jobOf<HttpLoadJob>();
const pool = new Pool(target.origin, { connections: inFlight, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
// Made ahead, since the client's work is not what is measured.
const headers = Array.from({ length: objects }, (_, index) => headersOf(target, keyOf(index)));

if (warms) await forEachOf(Math.min(objects, 4 * inFlight), inFlight, request);
const latencies: number[] = [];
const cpu = process.cpuUsage();
const started = performance.now();
await (perSecond === undefined ? forEachOf(objects, inFlight, (index) => timed(index, performance.now())) : paced(perSecond));
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
const run: HttpRun = { seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self'), latencies: latencies.toSorted((a, b) => a - b) };
await tell(run);
process.exit(0);

async function paced(rate: number): Promise<void> {
  const running: Promise<void>[] = [];
  while (running.length < objects) {
    const due = Math.min(objects, Math.ceil(((performance.now() - started) / 1000) * rate));
    for (let index = running.length; index < due; index++) running.push(timed(index, started + (index / rate) * 1000));
    await delay(TICK_MS);
  }
  await Promise.all(running);
}

async function timed(index: number, from: number): Promise<void> {
  await request(index);
  if (perSecond === undefined || from - started >= WARM_UP_MS) latencies.push(performance.now() - from);
}

async function request(index: number): Promise<void> {
  const key = keyOf(index);
  const path = `${target.path}${key}`;
  const body = method === 'PUT' ? bodyOf(key) : null;
  const answer = await pool.request({ method, path, headers: headers[index] ?? {}, body });
  let received = 0;
  for await (const chunk of answer.body) received += (chunk as Buffer).length;
  const isWhole = method === 'PUT' || received === bytes;
  if (answer.statusCode >= 300 || !isWhole) throw new Error(`${method} ${path} was answered ${answer.statusCode} with ${received} bytes`);
}

function bodyOf(key: string): Buffer | Readable {
  return bytes === OBJECT_BYTES ? smallBytesOf(key) : Readable.from(chunks());
}

function* chunks(): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
}

function headersOf({ origin, path, signedAs }: Target, key: string): Record<string, string> {
  const sent: Record<string, string> = method === 'PUT' ? { 'content-length': String(bytes), 'content-type': 'application/octet-stream' } : {};
  if (!signedAs) return sent;
  const request = { method, host: new URL(origin).host, path: `${path}${key}`, query: '', headers: sent };
  return new Signer(signedAs.region).sign(request, signedAs, Date.now());
}
