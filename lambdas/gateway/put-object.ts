/** PUT /objects/{key}: streams to the active region (B1). */
import { putObject } from '../../lib/usecases/gateway/write-object.ts';
import type { ByteEndpoint } from '../api/endpoint.ts';
import { gatewayOf, keyOf } from './gateway-of.ts';
import { putOptionsOf } from './object-headers.ts';
import { objectParams, shownStored, storedView } from './schemas.ts';
import { assertFits } from './size-limit.ts';
import { asWriteProblem } from './write-problem.ts';

export const putObjectEndpoint: ByteEndpoint = {
  kind: 'bytes',
  name: 'putObject',
  method: 'PUT',
  path: '/objects/{key+}',
  area: 'objects',
  summary: 'Writes an object',
  description:
    'To the active region, whole or not at all; the route carries it to the other one. Content headers and `x-amz-meta-*` are kept; `Content-MD5` or one `x-amz-checksum-*` is compared with what arrived; `If-None-Match: *` writes only what is not there, `If-Match` only over that version.',
  access: 'objects',
  params: objectParams,
  bytes: 'The object.',
  answers: { 201: { description: 'It is stored at the active region, and its change is on its way.', json: storedView } },
  refusals: {
    412: 'A condition of the request does not hold: nothing was written.',
    413: 'It is larger than can be sent here: `errors` carries the POST /sign that leads past the limit.',
    503: 'Nobody may write now (a switch is under way), or the region does not answer; `retry-after` says when to send it again.',
  },
  async serve(request, runtime) {
    const gateway = gatewayOf(runtime);
    const key = keyOf(request.params);
    assertFits(gateway, key, request);
    const options = { ...putOptionsOf(request.headers, request.size), signal: request.signal, by: request.actor };
    const written = await putObject(gateway.writes, key, request.body, options).catch(asWriteProblem);
    const stored = shownStored(key, written);
    return {
      status: 201,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        etag: `"${stored.etag}"`,
        'x-tidemark-region': stored.region,
      },
      body: Buffer.from(JSON.stringify(stored)),
    };
  },
};
