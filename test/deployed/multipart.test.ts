import { createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { describeDeployed, Pair } from './client.ts';

const MIB = 1024 * 1024;
/** From 64 MiB on a copy is made by parts (docs/adr/0003). */
const PART_MIB = 17;
const PARTS = 4;
const SIZE = PARTS * PART_MIB * MIB;

describeDeployed('a large object', () => {
  const pair = new Pair('main');

  it('is copied by parts, with its properties, and proven by its checksum', async () => {
    // No two parts alike, and blocks that repeat: the emulator's checksums take a second for each MiB that is new.
    const parts = Array.from({ length: PARTS }, () => Buffer.alloc(PART_MIB * MIB, randomBytes(MIB)));
    const properties = { headers: { ContentType: 'application/x-large' }, metadata: { kind: 'large' }, tags: { size: 'XL' } };
    const etag = await pair.source.putByParts('multipart/large.bin', parts, properties);

    await pair.eventually(async () => (await pair.destination.head('multipart/large.bin'))?.ContentLength, SIZE);
    await pair.settles('multipart/large.bin');

    const [event] = await pair.events('multipart/large.bin');
    expect(event).toMatchObject({ op: 'PUT', etag, size: SIZE, status: 'done' });
    const copy = await pair.destination.head('multipart/large.bin');
    expect(copy?.ETag, 'the etag of a multipart upload').toMatch(/^"[0-9a-f]{32}-\d+"$/);
    expect(copy).toMatchObject({
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC64NVME: (await pair.source.head('multipart/large.bin'))?.ChecksumCRC64NVME,
    });
    const { body = Buffer.alloc(0), ...held } = (await pair.destination.stored('multipart/large.bin')) ?? {};
    expect(held).toEqual(properties);
    expect(sha256(body)).toBe(sha256(Buffer.concat(parts)));
    expect(await pair.destination.history('multipart/large.bin'), 'one version: no part of it was ever to be seen').toEqual({
      written: 1,
      deleted: 0,
    });
  });
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
