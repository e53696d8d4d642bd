/** S3Calls without the SDK's middleware: the requests made for every object, at a fifth of its CPU (docs/adr). */
import { Readable } from 'node:stream';
import { TidemarkError } from '../../../core/errors.ts';
import type { Sight } from '../../../core/objects/sight.ts';
import type { ListOptions, ListPage, Written } from '../../../ports/objects.ts';
import { bodyOf } from '../body.ts';
import type { GetRequest, Got, HeadAnswer, ObjectCopyRequest, PartRequest, PassRequest, Place, PutRequest, S3Calls, StoredPart } from '../calls.ts';
import { copySource, quoted } from '../encoding.ts';
import { type Attempt, fromSdk, toTidemarkError } from '../errors.ts';
import { partOf, sightOf, writtenOf } from '../sight.ts';
import type { StorageFields } from '../storage-fields.ts';
import type { Addressing } from './addressing.ts';
import { element, fieldsOf } from './fields.ts';
import type { Answer, LeanHttp, Outgoing } from './http.ts';
import { listingOf } from './listing.ts';
import { conditionHeaders, keepingHeaders, propertyHeaders } from './request-headers.ts';
import { type Credentials, encodeQuery, type Signer } from './signer.ts';
import { TRAILED_PAYLOAD, trailed } from './trailing.ts';

export interface LeanParts {
  readonly http: LeanHttp;
  readonly signer: Signer;
  readonly addressing: Addressing;
  readonly credentials: () => Promise<Credentials>;
  readonly storage: StorageFields;
}

interface Asked {
  readonly method: Outgoing['method'];
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Outgoing['body'];
  /** What the signature covers of the body. */
  readonly payload?: string;
  readonly signal?: AbortSignal | undefined;
}

export class LeanCalls implements S3Calls {
  readonly #parts: LeanParts;

  constructor(parts: LeanParts) {
    this.#parts = parts;
  }

  async head(at: Place, signal?: AbortSignal): Promise<HeadAnswer> {
    const what: Attempt = { operation: 'HeadObject', ...at, side: 'source' };
    const answer = await this.#send(what, { method: 'HEAD', headers: CHECKSUMS, signal });
    if (answer.status === 200) return { found: true, sight: seen(answer, what) };
    // 405 answers for a delete marker that was asked for by its version.
    if (answer.status === 404 || answer.status === 405) return { found: false, marker: answer.headers['x-amz-delete-marker'] === 'true' };
    throw refused(answer, what);
  }

  async get(at: Place, { etag, range, signal }: GetRequest): Promise<Got | null> {
    const what: Attempt = { operation: 'GetObject', ...at, side: 'source' };
    const asked = { ...CHECKSUMS, ...(etag === undefined ? {} : { 'if-match': quoted(etag) }), ...(range === undefined ? {} : { range }) };
    const answer = await this.#send(what, { method: 'GET', headers: asked, signal });
    const { status, headers, body } = answer;
    if (status === 404 && body instanceof Buffer && element(body.toString(), 'Code') === 'NoSuchKey') return null;
    if (status !== 200 && status !== 206) throw refused(answer, what);
    const sight = seen(answer, what);
    const got = status === 200 ? { sight } : partOf(sight, headers['content-range'], what);
    if (body instanceof Readable) return { ...got, body: await bodyOf(body, sight.size, what, signal) };
    if (body.length !== sight.size) throw new TidemarkError('UNAVAILABLE', `the body ended after ${body.length} of ${sight.size} bytes`, { ...what });
    return { ...got, body };
  }

  put(at: Place, request: PutRequest): Promise<Written> {
    const { bytes, md5, like, condition, signal } = request;
    const what: Attempt = { operation: 'PutObject', ...at, side: 'destination' };
    return this.#parts.storage.keep(at.bucket, like, async (keptAs) => {
      const headers = {
        ...propertyHeaders(like),
        ...keepingHeaders(keptAs),
        ...sourceChecksum(like, bytes.length),
        ...conditionHeaders(condition),
        'content-md5': md5,
      };
      return writtenOf(fieldsOf((await this.#succeed(what, { method: 'PUT', headers, body: bytes, signal })).headers));
    });
  }

  pass(at: Place, request: PassRequest): Promise<Written> {
    const { like, signal } = request;
    const what: Attempt = { operation: 'PutObject', ...at, side: 'destination' };
    return this.#parts.storage.keep(at.bucket, like, async (keptAs) => {
      const { headers: framing, body } = trailed(request);
      const headers = { ...propertyHeaders(like), ...keepingHeaders(keptAs), ...framing };
      return writtenOf(fieldsOf((await this.#succeed(what, { method: 'PUT', headers, body, payload: TRAILED_PAYLOAD, signal })).headers));
    });
  }

  async putPart(at: Place, request: PartRequest): Promise<StoredPart> {
    const { uploadId, number, bytes, md5, signal } = request;
    const what: Attempt = { operation: 'UploadPart', ...at, side: 'destination' };
    const query = { partNumber: String(number), uploadId };
    const answer = await this.#succeed(what, { method: 'PUT', query, headers: { 'content-md5': md5 }, body: bytes, signal });
    return writtenOf(fieldsOf(answer.headers));
  }

  copy(to: Place, request: ObjectCopyRequest): Promise<Written> {
    const { source, sight, replaceMetadata, condition, signal } = request;
    const what: Attempt = { operation: 'CopyObject', ...to, side: 'source', destinationCondition: condition !== undefined };
    const redirect = sight.headers.websiteRedirectLocation;
    return this.#parts.storage.keep(to.bucket, sight, async (keptAs) => {
      const headers = {
        ...(replaceMetadata ? propertyHeaders({ ...sight, tags: {} }) : {}),
        'x-amz-copy-source': copySource(source.bucket, source.key),
        'x-amz-copy-source-if-match': quoted(sight.etag),
        'x-amz-metadata-directive': replaceMetadata ? 'REPLACE' : 'COPY',
        'x-amz-tagging-directive': 'COPY',
        // The one header that a copy never takes along.
        ...(redirect === undefined ? {} : { 'x-amz-website-redirect-location': redirect }),
        ...keepingHeaders(keptAs),
        ...conditionHeaders(condition),
      };
      const answer = await this.#succeed(what, { method: 'PUT', headers, signal });
      const xml = answer.body.toString();
      // The store begins its answer before the copy is done: a 200 can carry an error (trap 5).
      const etag = element(xml, 'ETag');
      if (etag === undefined) throw refused({ ...answer, status: 500 }, what);
      return writtenOf({ ...fieldsOf(answer.headers), ETag: etag, ...checksumsIn(xml) });
    });
  }

  async remove(at: Place, ifMatch?: string, signal?: AbortSignal): Promise<void> {
    const what: Attempt = { operation: 'DeleteObject', ...at, side: 'destination' };
    const answer = await this.#send(what, { method: 'DELETE', headers: ifMatch === undefined ? {} : { 'if-match': quoted(ifMatch) }, signal });
    if (answer.status >= 300 && element(answer.body.toString(), 'Code') !== 'NoSuchKey') throw refused(answer, what);
  }

  async list(bucket: string, { prefix, token, startAfter, limit }: ListOptions): Promise<ListPage> {
    const what: Attempt = { operation: 'ListObjectsV2', bucket, side: 'source' };
    const query = {
      'continuation-token': token,
      'encoding-type': 'url',
      'list-type': '2',
      'max-keys': limit?.toString(),
      prefix,
      'start-after': startAfter,
    };
    const answer = await this.#succeed(what, { method: 'GET', query });
    const page = listingOf(answer.body);
    if (!page)
      throw refused({ ...answer, status: 500 }, what, 'the answer is no whole listing, or an entry in it has no key, size or time to be read');
    return page;
  }

  async #succeed(what: Attempt, asked: Asked): Promise<Answer & { readonly body: Buffer }> {
    const answer = await this.#send(what, asked);
    const body = await whole(answer, what, asked.signal);
    if (answer.status >= 300) throw refused({ ...answer, body }, what);
    return { ...answer, body };
  }

  async #send(what: Attempt, { method, query = {}, headers = {}, body, payload, signal }: Asked): Promise<Answer> {
    const { http, signer, addressing, credentials } = this.#parts;
    try {
      signal?.throwIfAborted();
      const { origin, host, path } = addressing.of(what.bucket, what.key);
      const encoded = encodeQuery(query);
      const signed = signer.sign({ method, host, path, query: encoded, headers }, await credentials(), Date.now(), payload);
      return await http.request(origin, {
        method,
        path: encoded === '' ? path : `${path}?${encoded}`,
        headers: signed,
        ...(body ? { body } : {}),
        signal,
      });
    } catch (error) {
      throw fromSdk(error, what, signal);
    }
  }
}

/** A large answer comes in pieces, and may break off. */
async function whole({ body }: Answer, what: Attempt, signal?: AbortSignal): Promise<Buffer> {
  try {
    return body instanceof Readable ? Buffer.concat(await body.toArray()) : body;
  } catch (error) {
    throw fromSdk(error, what, signal);
  }
}

const CHECKSUMS = { 'x-amz-checksum-mode': 'ENABLED' };

/** The source's own checksum of the whole object: the store refuses bytes that differ, and both sides stay comparable. */
function sourceChecksum({ checksum, size }: Sight, length: number): Record<string, string> {
  return checksum?.type === 'FULL_OBJECT' && size === length ? { [`x-amz-checksum-${checksum.algorithm.toLowerCase()}`]: checksum.value } : {};
}

function checksumsIn(xml: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ['ChecksumCRC64NVME', 'ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumSHA1', 'ChecksumSHA256', 'ChecksumType']) {
    const value = element(xml, name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function seen(answer: Answer, { operation, ...fields }: Attempt): Sight {
  const sight = sightOf(fieldsOf(answer.headers));
  if (sight === null) throw new TidemarkError('REJECTED', `${operation} was answered without an etag; the object cannot be pinned`, fields);
  return sight;
}

function refused({ status, headers, body }: Answer, what: Attempt, otherwise = 'no reason was given'): TidemarkError {
  if (body instanceof Readable) body.destroy();
  const xml = body instanceof Readable ? '' : body.toString('utf8', 0, 4096);
  const s3Code = element(xml, 'Code');
  const condition = element(xml, 'Condition');
  const requestId = headers['x-amz-request-id']?.split(',', 1)[0];
  return toTidemarkError(
    {
      message: element(xml, 'Message') ?? otherwise,
      status,
      ...(s3Code === undefined ? {} : { s3Code }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(condition === undefined ? {} : { condition }),
    },
    what,
  );
}
