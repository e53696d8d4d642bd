/** What Node itself needs to pass bytes on: an HTTP server that signs each request, pipes both bodies, and does nothing else. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { Pool } from 'undici';
import { Signer } from '../../../lib/adapters/s3/lean/signer.ts';
import type { Target } from '../support/http-load.ts';
import { jobOf, tell } from '../support/worker.ts';

const { origin, path, signedAs } = jobOf<Target>();
if (!signedAs) throw new Error('the server wants signed requests');
const signer = new Signer(signedAs.region);
const { host } = new URL(origin);
const pool = new Pool(origin, { connections: 64, pipelining: 1 });

const server = createServer(async (request, response) => {
  const key = (request.url ?? '').slice('/objects/'.length);
  const method = request.method === 'PUT' ? 'PUT' : 'GET';
  const length = request.headers['content-length'];
  const unsigned = { method, host, path: `${path}${key}`, query: '', headers: length === undefined ? {} : { 'content-length': length } };
  const headers = signer.sign(unsigned, signedAs, Date.now());
  const answer = await pool.request({ method, path: unsigned.path, headers, body: method === 'PUT' ? request : null });
  response.writeHead(answer.statusCode, answer.headers);
  await pipeline(answer.body, response);
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  void tell(`http://127.0.0.1:${port}`);
});
process.once('message', () => process.exit(0));
