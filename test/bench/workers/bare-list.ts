/** Lists both buckets at once, each from page to page, and reads of an answer nothing but where to go on. */
import { Addressing } from '../../../lib/adapters/s3/lean/addressing.ts';
import { LeanHttp } from '../../../lib/adapters/s3/lean/http.ts';
import { encodeQuery, Signer } from '../../../lib/adapters/s3/lean/signer.ts';
import type { BareListJob } from '../support/bare.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

const TOKEN = '<NextContinuationToken>';

const { region, buckets } = jobOf<BareListJob>();
if (!region.credentials) throw new Error('credentials of a server on this machine');
const { credentials } = region;
const http = new LeanHttp({ connections: buckets.length, connectTimeoutMs: 5_000, requestTimeoutMs: 60_000 });
const addressing = new Addressing(region.region, region.endpoint, true);
const signer = new Signer(region.region);

async function page(bucket: string, token: string | undefined): Promise<string | undefined> {
  const { origin, host, path } = addressing.of(bucket);
  const query = encodeQuery({ 'continuation-token': token, 'encoding-type': 'url', 'list-type': '2', prefix: '' });
  const headers = signer.sign({ method: 'GET', host, path, query, headers: {} }, credentials, Date.now());
  const { status, body } = await http.request(origin, { method: 'GET', path: `${path}?${query}`, headers });
  if (status !== 200 || !Buffer.isBuffer(body)) throw new Error(`a listing was answered with ${status}, or is no page of a thousand keys`);
  const start = body.indexOf(TOKEN);
  return start < 0 ? undefined : body.toString('latin1', start + TOKEN.length, body.indexOf('<', start + 1));
}

async function listAll(bucket: string): Promise<void> {
  for (let token = await page(bucket, undefined); token !== undefined; ) token = await page(bucket, token);
}

const cpu = process.cpuUsage();
const started = performance.now();
await Promise.all(buckets.map(listAll));
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);
