/** Hashes bytes while they pass through, so that what was written can be proven to be what was read. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Checksum, Sight } from '../core/objects/sight.ts';
import type { Body } from '../ports/objects.ts';

export interface Digests {
  /** hex; absent where nothing names an MD5 to hold it against. */
  readonly md5?: string;
  readonly size: number;
  /** By the algorithm of the source's full-object checksum where it is computed here; base64. */
  readonly checksum?: string;
}

const LARGE = 16 * 1024 * 1024;

interface Hasher {
  update(chunk: Uint8Array): void;
  base64(): string;
}

/** CRC64NVME and CRC32C are compared store to store instead (prove.ts): no fast implementation comes with Node. */
const HASHERS: Readonly<Record<Checksum['algorithm'], (() => Hasher) | null>> = {
  SHA256: () => nodeHash('sha256'),
  SHA1: () => nodeHash('sha1'),
  CRC32: () => {
    let crc = 0;
    return {
      update: (chunk) => {
        crc = crc32(chunk, crc);
      },
      base64: () =>
        Buffer.from(new Uint32Array([crc]).buffer)
          .reverse()
          .toString('base64'),
    };
  },
  CRC32C: null,
  CRC64NVME: null,
};

function nodeHash(name: string): Hasher {
  const hash = createHash(name);
  return { update: (chunk) => void hash.update(chunk), base64: () => hash.digest('base64') };
}

/** @returns the same body, and the digests once it was read to its end */
export function digesting(body: Body, sight: Sight): { readonly body: Body; readonly digests: () => Digests } {
  // A store confirms the MD5 of small bodies as a whole and of large ones part by part.
  const md5 = sight.md5 !== undefined || sight.size < LARGE ? createHash('md5') : undefined;
  // The MD5 proves a source that names its own; hashing large bodies twice would cost a core.
  const other = sight.md5 === undefined && sight.checksum?.type === 'FULL_OBJECT' ? HASHERS[sight.checksum.algorithm]?.() : undefined;
  let size = 0;
  const take = (chunk: Uint8Array): void => {
    size += chunk.byteLength;
    md5?.update(chunk);
    other?.update(chunk);
  };
  let result: Digests | undefined;
  const digests = (): Digests => {
    result ??= { ...(md5 ? { md5: md5.digest('hex') } : {}), size, ...(other ? { checksum: other.base64() } : {}) };
    return result;
  };
  if (body instanceof Uint8Array) {
    take(body);
    return { body, digests };
  }
  return { body: passing(body, take), digests };
}

async function* passing(source: AsyncIterable<Uint8Array>, take: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    take(chunk);
    yield chunk;
  }
}
