/** What a sender says that its bytes hash to, by the names of its headers. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { TidemarkError } from '../../core/errors.ts';
import type { Checksum } from '../../core/objects/sight.ts';
import type { PutOptions } from '../../ports/gateway-store.ts';

interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

type Algorithm = Checksum['algorithm'] | 'MD5';

const HASHERS: Readonly<Record<Algorithm, { readonly bytes: number; readonly start: () => Hasher | Promise<Hasher> }>> = {
  MD5: { bytes: 16, start: () => createHash('md5') },
  SHA1: { bytes: 20, start: () => createHash('sha1') },
  SHA256: { bytes: 32, start: () => createHash('sha256') },
  CRC32: { bytes: 4, start: startCrc32 },
  CRC32C: { bytes: 4, start: async () => new (await sdk()).Crc32c() },
  CRC64NVME: { bytes: 8, start: async () => new (await sdk()).Crc64Nvme() },
};

/** Loaded where it is asked for: it takes longer than everything else together, and a host without S3 has no other use for it. */
function sdk(): Promise<typeof import('@aws-sdk/checksums/crc')> {
  return import('@aws-sdk/checksums/crc');
}

/** Native, and ten times as fast as the SDK's. */
function startCrc32(): Hasher {
  let crc = 0;
  return {
    update: (chunk) => {
      crc = crc32(chunk, crc);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc);
      return bytes;
    },
  };
}

/** Whether it can be a hash of that algorithm at all: base64, of its length. */
export function isHash(algorithm: Algorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === HASHERS[algorithm].bytes && bytes.toString('base64') === value;
}

/** Hashes a body while it passes through. */
export class Digests {
  readonly #wanted: readonly { readonly header: string; readonly algorithm: Algorithm; readonly expected: Buffer }[];
  #hashers: readonly Hasher[] = [];

  /** @throws TidemarkError INVALID_INPUT for a value that is no hash of its algorithm */
  constructor({ contentMd5, contentSha256, checksum }: Pick<PutOptions, 'contentMd5' | 'contentSha256' | 'checksum'>) {
    const said: [header: string, Algorithm, value: string][] = [];
    if (contentMd5 !== undefined) said.push(['content-md5', 'MD5', contentMd5]);
    if (contentSha256 !== undefined) said.push(['x-amz-content-sha256', 'SHA256', Buffer.from(contentSha256, 'hex').toString('base64')]);
    if (checksum) said.push([`x-amz-checksum-${checksum.algorithm.toLowerCase()}`, checksum.algorithm, checksum.value]);
    this.#wanted = said.map(([header, algorithm, value]) => {
      if (isHash(algorithm, value)) return { header, algorithm, expected: Buffer.from(value, 'base64') };
      const { bytes } = HASHERS[algorithm];
      throw new TidemarkError('INVALID_INPUT', `${header}: expected the base64 of ${bytes} bytes, got ${JSON.stringify(value)}`, { field: header });
    });
  }

  /** Before the first `update`. */
  async begin(): Promise<void> {
    this.#hashers = await Promise.all(this.#wanted.map(({ algorithm }) => HASHERS[algorithm].start()));
  }

  update(chunk: Uint8Array): void {
    for (const hasher of this.#hashers) hasher.update(chunk);
  }

  /** @throws TidemarkError INVALID_INPUT where the bytes that passed are others */
  async check(): Promise<void> {
    for (const [index, { header, expected }] of this.#wanted.entries()) {
      const got = Buffer.from((await this.#hashers[index]?.digest()) ?? []);
      if (got.equals(expected)) continue;
      const message = `${header}: the bytes that arrived hash to ${got.toString('base64')}, not to ${expected.toString('base64')}; send them again`;
      throw new TidemarkError('INVALID_INPUT', message, { field: header });
    }
  }
}
