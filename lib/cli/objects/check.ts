/** What an answer says that its bytes hash to. */
import { Digests } from '../../adapters/gateway/digests.ts';
import { CliError, EXIT } from '../exit.ts';

export interface Check {
  /** As people call it. */
  readonly name: string;
  update(chunk: Uint8Array): void;
  /** @throws CliError where other bytes came */
  hold(whence: string): Promise<void>;
}

const ALGORITHMS = ['SHA256', 'SHA1', 'CRC64NVME', 'CRC32C', 'CRC32'] as const;

/**
 * Null: there is nothing that bytes can be held against.
 * @param isStore the answer is of a store itself, whose etag is an MD5 unless it says how it encrypts
 */
export async function checkOf(headers: Headers, isStore: boolean): Promise<Check | null> {
  for (const algorithm of ALGORITHMS) {
    const value = headers.get(`x-amz-checksum-${algorithm.toLowerCase()}`);
    // Of an object that came in parts, some checksums are those of its parts' checksums.
    const isWhole = value !== null && !value.includes('-') && headers.get('x-amz-checksum-type') !== 'COMPOSITE';
    if (isWhole) return checking(algorithm, { checksum: { algorithm, value } });
  }
  const contentMd5 = headers.get('content-md5') ?? (isStore ? md5Of(headers) : null);
  return contentMd5 === null ? null : checking('MD5', { contentMd5 });
}

function md5Of(headers: Headers): string | null {
  const etag = /^"([0-9a-f]{32})"$/.exec(headers.get('etag') ?? '')?.[1];
  const encryption = headers.get('x-amz-server-side-encryption') ?? 'AES256';
  const isMd5 = encryption === 'AES256' && !headers.has('x-amz-server-side-encryption-customer-algorithm');
  return etag !== undefined && isMd5 ? Buffer.from(etag, 'hex').toString('base64') : null;
}

async function checking(name: string, said: ConstructorParameters<typeof Digests>[0]): Promise<Check> {
  const digests = new Digests(said);
  await digests.begin();
  return {
    name,
    update: (chunk) => digests.update(chunk),
    hold: (whence) =>
      digests.check().catch((error: unknown) => {
        throw new CliError(`the bytes that ${whence} sent are not those of the object: their ${name} is another. Get it again.`, EXIT.failed, error);
      }),
  };
}
