/** GET and HEAD /objects/{key}: from the active region, and from the other where that one fails (B2). */
import * as z from 'zod';
import { strict } from '../../lib/config/field-problems.ts';
import type { NotServed, ServedBody, ServedObject } from '../../lib/ports/gateway-store.ts';
import type { Body } from '../../lib/ports/objects.ts';
import { SIGNED_ADDRESS } from '../../lib/usecases/gateway/actors.ts';
import { getObject, headObject, type ReadAnswer } from '../../lib/usecases/gateway/read-object.ts';
import type { ByteAnswer, ByteEndpoint, ByteRequest } from '../api/endpoint.ts';
import { queryOf } from '../api/request.ts';
import type { GatewayRuntime } from '../shared/gateway-runtime.ts';
import { RequestError } from '../shared/problem.ts';
import { gatewayOf, keyOf } from './gateway-of.ts';
import { headersOf, readOptionsOf, validatorsOf } from './object-headers.ts';
import { objectParams, SERVED_HEADERS } from './schemas.ts';
import { leave, tooLargeHere } from './size-limit.ts';

/** `signature` and its like are looked at where a signed address is let in. */
const query = strict({ repair: z.optional(z.enum(['0', '1'])), prefer: z.optional(z.enum(['active', 'replica'])) });

export const getObjectEndpoint: ByteEndpoint = {
  kind: 'bytes',
  name: 'getObject',
  method: 'GET',
  path: '/objects/{key+}',
  area: 'objects',
  summary: 'Reads an object',
  description:
    'From the active region; from the other where that one fails or takes longer than a second. That the active region holds nothing is an answer. `repair=1` has the route look at a key that the active region lacks or failed to serve: what is newer or deleted there stays so. Range and conditional requests as RFC 9110 has them.',
  access: 'objects',
  params: objectParams,
  query,
  answers: {
    200: { description: 'The object.', bytes: 'The object.', headers: SERVED_HEADERS },
    206: { description: 'The part that was asked for.', bytes: 'The part.', headers: SERVED_HEADERS },
    307: {
      description: 'It is larger than can be answered here: read it at the signed address of `location`.',
      headers: { location: 'Good for some minutes.' },
    },
  },
  refusals: {
    404: 'The active region holds no such object.',
    412: 'A condition of the request does not hold.',
    416: 'The object has no such range; `content-range` tells its size.',
    503: 'Neither region can serve it now; `retry-after` says when to ask again.',
  },
  async serve(request, runtime) {
    const gateway = gatewayOf(runtime);
    const key = keyOf(request.params);
    const { repair = '0', prefer = 'active' } = queryOf({ query: unsigned(request.query) }, query);
    const options = { ...readOptionsOf(request.headers), signal: request.signal, prefer, repair: repair === '1' } as const;
    const answer = request.method === 'HEAD' ? await headObject(gateway.reads, key, options) : await getObject(gateway.reads, key, options);
    return answerOf(gateway, request, answer);
  },
};

/** Who signed it may put it into a page, as one of S3. */
const FOR_ANY_PAGE = { 'cross-origin-resource-policy': 'cross-origin' };

/** Without what a signed address of this gateway carries. */
function unsigned(text: string): string {
  const parameters = new URLSearchParams(text);
  for (const name of [...parameters.keys()]) if (name.startsWith('X-Tidemark-')) parameters.delete(name);
  return parameters.toString();
}

async function answerOf(
  gateway: GatewayRuntime,
  { method, params, actor }: Pick<ByteRequest, 'method' | 'params' | 'actor'>,
  { served, region, fromActive, repairing, fellBack }: ReadAnswer<ServedBody | ServedObject | NotServed>,
): Promise<ByteAnswer> {
  const behind = await gateway.behindMs(region);
  const whence = {
    'x-tidemark-region': region,
    'x-tidemark-served-by': fromActive ? 'active' : 'replica',
    ...(behind === null ? {} : { 'x-tidemark-behind-seconds': String(Math.ceil(behind / 1000)) }),
    ...(fellBack ? { 'x-tidemark-fallback': fellBack } : {}),
    ...(repairing ? { 'x-tidemark-repair': 'queued' } : {}),
  };
  switch (served.kind) {
    case 'object': {
      const headers = { ...headersOf(served), ...whence, ...(actor === SIGNED_ADDRESS ? FOR_ANY_PAGE : {}) };
      const body: Body | undefined = 'body' in served && method !== 'HEAD' ? served.body : undefined;
      const elsewhere = body && (await tooLargeHere(gateway, region, keyOf(params), served));
      if (body && elsewhere) {
        await leave(body);
        return { status: 307, headers: { ...whence, 'cache-control': 'no-store', location: elsewhere } };
      }
      return { status: served.part ? 206 : 200, headers, ...(body ? { body } : {}) };
    }
    case 'notModified':
      return { status: 304, headers: { ...validatorsOf(served.sight), ...whence } };
    case 'absent':
      throw new RequestError(404, `key: region ${region}, which is active, holds no such object`, [], whence);
    case 'preconditionFailed':
      throw new RequestError(412, 'the object is not as If-Match or If-Unmodified-Since want it', [], whence);
    case 'rangeNotSatisfiable':
      throw new RequestError(416, `the object has ${served.sight.size} bytes, none of them in that range`, [], {
        ...whence,
        'content-range': `bytes */${served.sight.size}`,
      });
  }
}
