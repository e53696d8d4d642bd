/** Headers that would be without effect on a write, and whose sender would believe otherwise. */
import type { FieldProblem } from '../../lib/config/field-problems.ts';
import { badRequest } from '../api/request.ts';

type Headers = Readonly<Record<string, string | undefined>>;
type Refusal = readonly [header: RegExp, message: string, fix: string];

const IF_MATCH = 'Send `If-Match` with the etag of the version that you know.';
const CHECKSUM_FIX = 'Send Content-MD5, or one x-amz-checksum- of crc64nvme, crc32, crc32c, sha1 or sha256.';
const BY_TIME: Refusal = [/^if-unmodified-since$/, 'a write is not judged by times', IF_MATCH];

const OF_A_PUT: readonly Refusal[] = [
  BY_TIME,
  [/^content-range$/, 'the part would be stored as the whole object', 'Send the whole object, without it.'],
  [/^x-amz-copy-source/, 'nothing is copied here', 'Read the object, and PUT its bytes.'],
  [/^x-amz-trailer$/, 'what follows a body is not compared', 'Send the checksum as a header.'],
  [/^(digest|content-digest|repr-digest)$/, 'it is not compared', CHECKSUM_FIX],
  [/^x-amz-checksum-(?!(crc64nvme|crc32|crc32c|sha1|sha256)$)/, 'no such checksum is compared', CHECKSUM_FIX],
  [
    /^x-amz-(acl$|grant-|tagging$|storage-class$|server-side-encryption|object-lock-|write-offset-bytes$)/,
    'it is not handed on: the object would be stored without it',
    'Send the object without it: what its bucket sets by default holds.',
  ],
  [/^x-amz-meta-__proto__$/, 'no object keeps metadata of this name', 'Give it another name.'],
];

const OF_A_DELETE: readonly Refusal[] = [BY_TIME, [/^if-none-match$/, 'what is removed is there', IF_MATCH]];

/** @throws RequestError 400 that names the headers */
export function assertPutHeaders(headers: Headers): void {
  refuse([...named(headers, OF_A_PUT), ...framing(headers)]);
}

/** @throws RequestError 400 that names the headers */
export function assertDeleteHeaders(headers: Headers): void {
  refuse(named(headers, OF_A_DELETE));
}

function refuse(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw badRequest(problems);
}

function named(headers: Headers, refusals: readonly Refusal[]): readonly FieldProblem[] {
  return Object.keys(headers).flatMap((field) => {
    const found = refusals.find(([header]) => header.test(field));
    return found ? [{ field, message: found[1], fix: found[2] }] : [];
  });
}

/** What is wrapped would be stored with its wrapping. */
function framing(headers: Headers): readonly FieldProblem[] {
  const { 'transfer-encoding': transfer, 'content-encoding': content, 'x-amz-content-sha256': payload } = headers;
  const fix = 'Send the bytes themselves, as curl --data-binary does.';
  return [
    ...(transfer === undefined || /^chunked$/i.test(transfer)
      ? []
      : [{ field: 'transfer-encoding', message: 'nothing but chunked is taken apart, the rest would be stored as content', fix }]),
    ...(content?.includes('aws-chunked') ? [{ field: 'content-encoding', message: 'aws-chunked frames would be stored as content', fix }] : []),
    ...(payload === undefined || payload === UNSIGNED || /^[\da-f]{64}$/i.test(payload)
      ? []
      : [{ field: 'x-amz-content-sha256', message: 'it is no SHA-256 in hex', fix: `Send that of the bytes as they are, or ${UNSIGNED}.` }]),
  ];
}

export const UNSIGNED = 'UNSIGNED-PAYLOAD';
