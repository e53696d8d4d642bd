/** What a sender says that its bytes hash to, by the names of its headers. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { TidemarkError } from '../../core/errors.ts';
import type { Checksum } from '../../core/objects/sight.ts';
import type { PutOptions } from '../../ports/gateway-store.ts';

interface Hasher {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

type Algorithm = Checksum['algorithm'] | 'MD5';

const HASHERS: Readonly<Record<Algorithm, { readonly bytes: number; readonly start: () => Hasher }>> = {
  MD5: { bytes: 16, start: () => createHash('md5') },
  SHA1: { bytes: 20, start: () => createHash('sha1') },
  SHA256: { bytes: 32, start: () => createHash('sha256') },
  CRC32: { bytes: 4, start: startCrc32 },
  CRC32C: { bytes: 4, start: () => new Crc32c() },
  CRC64NVME: { bytes: 8, start: () => new Crc64Nvme() },
};

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

/** Hashes a body while it passes through. */
export class Digests {
  readonly #wanted: readonly { readonly header: string; readonly expected: Buffer; readonly hasher: Hasher }[];

  /** @throws TidemarkError INVALID_INPUT for a value that is no hash of its algorithm */
  constructor({ contentMd5, checksum }: Pick<PutOptions, 'contentMd5' | 'checksum'>) {
    const said: [header: string, Algorithm, value: string][] = [];
    if (contentMd5 !== undefined) said.push(['content-md5', 'MD5', contentMd5]);
    if (checksum) said.push([`x-amz-checksum-${checksum.algorithm.toLowerCase()}`, checksum.algorithm, checksum.value]);
    this.#wanted = said.map(([header, algorithm, value]) => {
      const { bytes, start } = HASHERS[algorithm];
      const expected = Buffer.from(value, 'base64');
      if (expected.length === bytes && expected.toString('base64') === value) return { header, expected, hasher: start() };
      throw new TidemarkError('INVALID_INPUT', `${header}: expected the base64 of ${bytes} bytes, got ${JSON.stringify(value)}`, { field: header });
    });
  }

  update(chunk: Uint8Array): void {
    for (const { hasher } of this.#wanted) hasher.update(chunk);
  }

  /** @throws TidemarkError INVALID_INPUT where the bytes that passed are others */
  async check(): Promise<void> {
    for (const { header, expected, hasher } of this.#wanted) {
      const got = Buffer.from(await hasher.digest());
      if (got.equals(expected)) continue;
      const message = `${header}: the bytes that arrived hash to ${got.toString('base64')}, not to ${expected.toString('base64')}; send them again`;
      throw new TidemarkError('INVALID_INPUT', message, { field: header });
    }
  }
}
