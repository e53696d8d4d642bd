/** POST /sign: an address that reads or writes one object for a while, without further leave (B4, B9). */
import * as z from 'zod';
import { isHash } from '../../lib/adapters/gateway/digests.ts';
import { rule, strict } from '../../lib/config/field-problems.ts';
import { grant } from '../../lib/core/gateway/signing.ts';
import { endpoint } from '../api/endpoint.ts';
import { key } from '../api/fields.ts';
import { badRequest } from '../api/request.ts';
import { region, time } from '../api/schemas/parts.ts';
import { RequestError } from '../shared/problem.ts';
import { gatewayOf } from './gateway-of.ts';
import { contentType } from './schemas.ts';

const HASH_FIX = 'Give the hash in base64, with its padding.';
const contentMd5 = rule(z.string(), (value) => isHash('MD5', value), 'it is no MD5 in base64', HASH_FIX);
const checksum = rule(
  strict({ algorithm: z.enum(['CRC64NVME', 'CRC32', 'CRC32C', 'SHA1', 'SHA256']), value: z.string() }),
  ({ algorithm, value }) => isHash(algorithm, value),
  'its value is no hash of that algorithm in base64',
  HASH_FIX,
);

/** As a header carries it. */
const metadata = rule(
  z.preprocess(named, z.record(z.string().regex(/^[a-z0-9!#$%&'*+.^_`|~-]{1,128}$/), z.string().regex(/^([\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?)?$/))),
  (values) => Object.entries(values).flat().join('').length <= 2048,
  'names and values take 2,048 bytes together',
  'Give less of it.',
);

/** A record leaves `__proto__` out without a word. */
function named(values: unknown, context: z.RefinementCtx): unknown {
  if (typeof values === 'object' && values !== null && Object.hasOwn(values, '__proto__')) {
    context.addIssue({ code: 'custom', message: 'no object keeps metadata of the name __proto__', params: { fix: 'Give it another name.' } });
  }
  return values;
}

const signedView = z
  .object({
    url: z.string(),
    method: z.enum(['GET', 'PUT']),
    headers: z.record(z.string(), z.string()).meta({ description: 'Send them exactly so: they are signed.' }),
    region,
    expiresAt: time,
  })
  .meta({
    id: 'Signed',
    examples: [
      {
        url: 'https://acme-primary.s3.eu-west-1.amazonaws.com/docs/readme.md?X-Amz-Expires=900&X-Amz-Signature=…',
        method: 'PUT',
        headers: { 'content-type': 'text/markdown' },
        region: 'primary',
        expiresAt: 1_793_268_900_000,
      },
    ],
  });

export const signEndpoint = endpoint({
  name: 'sign',
  method: 'POST',
  path: '/sign',
  area: 'objects',
  summary: 'Signs an address that reads or writes one object for a while',
  description:
    'At the active region, unless another is named; one that signs no addresses itself (a folder) cannot be, since an address of the gateway leads to whichever region is active. What is written at a region that is not active any more is carried over by the route. Content type, checksum and metadata of a put are signed: what is sent must say and be the same.',
  access: 'objects',
  body: strict({
    op: z.enum(['get', 'put']),
    key,
    region: z.optional(z.string()).meta({ description: 'One of the two regions. Default: the active one.' }),
    contentType: z.optional(contentType),
    contentMd5: z.optional(contentMd5),
    checksum: z.optional(checksum),
    metadata: z.optional(metadata).meta({ description: 'Kept with the object: each is sent as `x-amz-meta-*`.' }),
    expiresSec: z.optional(z.int().min(1).max(604_800)),
  }).meta({ id: 'Sign', examples: [{ op: 'put', key: 'docs/readme.md', contentType: 'text/markdown', expiresSec: 900 }] }),
  answers: { 200: { description: 'The address.', json: signedView } },
  refusals: { 403: 'The rules of the configuration sign no such address; `errors` says why.', 503: 'Nobody may write now.' },
  async handle({ body: { op, key: wanted, region: named, expiresSec, ...signed }, headers }, runtime) {
    const { config, reads, store, signOwn, failover } = gatewayOf(runtime);
    const { from, to } = config.route;
    if (named !== undefined && named !== from && named !== to) {
      throw badRequest([
        { field: 'region', message: 'the gateway has no such region', fix: `Give ${from} or ${to}, or leave it out for the active one.` },
      ]);
    }
    const granted = grant(config.signing, op, wanted, expiresSec);
    if ('problem' in granted) {
      const { field, problem: message, fix } = granted;
      throw new RequestError(403, `${field}: ${message}`, [{ field, message, fix }]);
    }
    // Where it is written, the region that may be; where it is read, the one that is thought to be.
    const active = async () => (op === 'put' ? (await failover.authority.writer()).region : (await reads.authority.reader()).active);
    const at = named ?? (await active());
    const request = { op, key: wanted, ...granted, ...definedOf(signed) };
    const { presign } = store(at);
    if (!presign && at === named && named !== (await active())) {
      const message = `region ${named} signs no addresses itself, and one of this gateway leads to the active region`;
      throw badRequest([{ field: 'region', message, fix: 'Leave it out, or name the active region.' }]);
    }
    const made = presign ? await presign(request) : signOwn?.(`http://${headers.host ?? 'localhost'}`, request);
    if (!made) throw new RequestError(503, `region ${at} signs no addresses, and this gateway has no key of its own`);
    return {
      status: 200,
      body: {
        ...made,
        method: op === 'get' ? ('GET' as const) : ('PUT' as const),
        region: at,
        expiresAt: runtime.clock.now() + granted.expiresSec * 1000,
      },
    };
  },
});

function definedOf<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
