/** What every store of reports must do, and everything that signs them. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReportStore, Signer } from '../../lib/ports/reports.ts';
import { checkSignature, signatureLine } from '../../lib/usecases/verify/signature.ts';

export interface ReportsUnderTest {
  readonly reports: ReportStore;
  dispose(): Promise<void> | void;
}

const MIB = 1024 * 1024;

export function reportStoreContract(name: string, create: () => Promise<ReportsUnderTest>): void {
  describe(`reports: ${name}`, () => {
    let test: ReportsUnderTest;
    let reports: ReportStore;
    beforeEach(async () => {
      test = await create();
      ({ reports } = test);
    });
    afterEach(() => test.dispose());

    const textOf = async (file: string): Promise<string | null> => {
      const body = await reports.read(file);
      return body && (await bytesOf(body)).toString('utf8');
    };

    it('gives back what was put, each file by its name', async () => {
      await reports.put('job/differences/000000-000001.jsonl', 6, Buffer.from('"one"\n'));
      await reports.put('job/report.jsonl', 6, Buffer.from('"two"\n'));

      expect(await textOf('job/differences/000000-000001.jsonl')).toBe('"one"\n');
      expect(await textOf('job/report.jsonl')).toBe('"two"\n');
      expect(await textOf('job/other.jsonl')).toBe(null);
      expect(await textOf('other/report.jsonl')).toBe(null);
    });

    it('replaces a file as a whole', async () => {
      await reports.put('job/report.jsonl', 10, Buffer.from('"former"\n\n'));
      await reports.put('job/report.jsonl', 0, Buffer.alloc(0));

      expect(await textOf('job/report.jsonl')).toBe('');
    });

    it('takes a stream, larger than it would hold', async () => {
      const chunk = randomBytes(MIB);
      await reports.put('job/report.jsonl', 20 * MIB, repeated(chunk, 20));

      const body = await reports.read('job/report.jsonl');
      const bytes = body && (await bytesOf(body));
      expect(bytes?.equals(Buffer.concat(Array.from({ length: 20 }, () => chunk)))).toBe(true);
    });

    it('leaves what was there when a stream breaks', async () => {
      await reports.put('job/report.jsonl', 7, Buffer.from('"kept"\n'));

      await expect(reports.put('job/report.jsonl', 2 * MIB, broken())).rejects.toThrow();

      expect(await textOf('job/report.jsonl')).toBe('"kept"\n');
    });
  });
}

export function signerContract(name: string, create: () => Promise<Signer>): void {
  describe(`a signer: ${name}`, () => {
    const digest = 'ab'.repeat(32);

    it('signs what its public key proves, and nothing else', async () => {
      const signer = await create();
      const line = await signatureLine(signer, digest);

      expect(checkSignature(Buffer.from(line), digest)).toEqual({ publicKey: await signer.publicKey() });
      expect(checkSignature(Buffer.from(line), 'cd'.repeat(32))).toHaveProperty('problem');
      expect(await signer.publicKey()).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    });
  });
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* repeated(chunk: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < times; n++) yield chunk;
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(MIB);
  throw new Error('the reader died');
}
