/**
 * A body in the frames of aws-chunked, with its checksum behind it. A plain body whose connection breaks is stored as far as it came by some
 * servers (versitygw); this one is refused without its end.
 * Source: Amazon S3 API Reference, "Signature calculations: transferring payload in multiple chunks, with trailing headers".
 */
import { crc32 } from 'node:zlib';
import type { PassRequest } from '../calls.ts';

/** In the place of the hash of the bytes. */
export const TRAILED_PAYLOAD = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER';

/** S3 takes no frame below 8 KiB but the last. */
const FRAME_BYTES = 64 * 1024;

export interface Trailed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The checksum is that of the sight, which the body's giver holds the bytes against; else the CRC32, which costs next to nothing. */
export function trailed({ body, size, framing, like: { checksum } }: Omit<PassRequest, 'signal'>): Trailed {
  const name = `x-amz-checksum-${(checksum?.algorithm ?? 'CRC32').toLowerCase()}`;
  return {
    headers: {
      ...(framing === 'named' ? { 'content-encoding': 'aws-chunked' } : {}),
      'x-amz-decoded-content-length': String(size),
      'x-amz-trailer': name,
    },
    body: frames(body, name, checksum?.value),
  };
}

async function* frames(body: AsyncIterable<Uint8Array>, name: string, known: string | undefined): AsyncGenerator<Uint8Array> {
  let crc = 0;
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    if (known === undefined) crc = crc32(piece, crc);
    pieces.push(piece);
    bytes += piece.byteLength;
    if (bytes < FRAME_BYTES) continue;
    yield frame(pieces, bytes);
    pieces = [];
    bytes = 0;
  }
  if (bytes > 0) yield frame(pieces, bytes);
  yield Buffer.from(`0\r\n${name}:${known ?? base64Of(crc)}\r\n\r\n`);
}

function frame(pieces: readonly Uint8Array[], bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`), ...pieces, Buffer.from('\r\n')]);
}

function base64Of(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}
