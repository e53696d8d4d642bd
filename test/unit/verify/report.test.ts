/** A report is proven whole: whichever byte is touched, the check says so. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ed25519Signer } from '../../../lib/adapters/keys/ed25519.ts';
import type { Signer } from '../../../lib/ports/reports.ts';
import { type CheckedReport, checkReport } from '../../../lib/usecases/verify/check-report.ts';
import { keyId, signatureLine } from '../../../lib/usecases/verify/signature.ts';

/** Signs as KMS does. */
function ecdsaSigner(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    algorithm: 'ECDSA_SHA_256',
    publicKey: async () => String(publicKey.export({ format: 'pem', type: 'spki' })),
    sign: async (statement) => sign('sha256', statement, privateKey),
  };
}

const SIGNERS: Readonly<Record<Signer['algorithm'], Signer>> = {
  Ed25519: new Ed25519Signer(generateKeyPairSync('ed25519').privateKey),
  ECDSA_SHA_256: ecdsaSigner(),
};
const LINES = [
  { type: 'tidemark.report/1', id: 'v1', kind: 'verify', route: 'a-b', watermark: 1_800_000_000_000 },
  { key: 'a\u{10000}"\n', kind: 'missing', reason: 'the destination does not hold it', source: { etag: 'e', size: 1, lastModified: 1 } },
  { key: 'b', kind: 'extra', reason: 'the destination alone holds it', destination: { etag: 'e', size: 1, lastModified: 1 } },
  { type: 'summary', counts: { equal: 1, missing: 1, different: 0, extra: 1, unknown: 0 }, differences: 2 },
];

async function reportBy(signer: Signer): Promise<Buffer> {
  const text = LINES.map((line) => `${JSON.stringify(line)}\n`).join('');
  return Buffer.from(text + (await signatureLine(signer, createHash('sha256').update(text).digest('hex'))), 'utf8');
}

/** In pieces of any size, as streams come. */
async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const check = (bytes: Buffer, trusted?: string, size = 4096): Promise<CheckedReport> => checkReport(pieces(bytes, size), trusted);

describe.each(['Ed25519', 'ECDSA_SHA_256'] as const)('a report signed by %s', (algorithm) => {
  const signer = SIGNERS[algorithm];

  it.each([1, 7, 4096])('is proven, and says by which key, in pieces of %i bytes', async (size) => {
    const key = await signer.publicKey();

    expect(await check(await reportBy(signer), key, size)).toMatchObject({
      ok: true,
      trusted: true,
      keyId: keyId(key),
      header: { id: 'v1' },
      summary: { differences: 2 },
    });
    expect(await check(await reportBy(signer))).toMatchObject({ ok: true, trusted: false, keyId: keyId(key) });
  });

  it('is not, with any one bit of any byte flipped', async () => {
    const whole = await reportBy(signer);
    for (let at = 0; at < whole.length; at++) {
      const touched = Buffer.from(whole);
      touched.writeUInt8(touched.readUInt8(at) ^ (1 << (at % 8)), at);
      const checked = await check(touched);
      if (checked.ok) throw new Error(`byte ${at} of ${whole.length} was flipped: ${touched.subarray(Math.max(0, at - 20), at + 20)}`);
      expect(checked.problem).toMatch(/changed/);
    }
  });

  it('is not, with bytes exchanged, put in or left out anywhere', async () => {
    const whole = await reportBy(signer);
    const anywhere = fc.nat(whole.length - 1);
    await fc.assert(
      fc.asyncProperty(anywhere, fc.nat(3), fc.uint8Array({ maxLength: 3 }), async (at, without, put) => {
        const touched = Buffer.concat([whole.subarray(0, at), put, whole.subarray(at + without)]);
        expect((await check(touched)).ok).toBe(touched.equals(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('is not, where another key is trusted', async () => {
    const other = await (algorithm === 'Ed25519' ? SIGNERS.ECDSA_SHA_256 : SIGNERS.Ed25519).publicKey();

    expect(await check(await reportBy(signer), other)).toMatchObject({ ok: false, problem: expect.stringContaining('another key') });
  });
});

it.each([
  ['nothing', ''],
  ['a text', 'hello\n'],
  ['a line without end', 'x'.repeat(200_000)],
])('%s is no report', async (_what, text) => {
  expect(await check(Buffer.from(text))).toMatchObject({ ok: false });
});
