/** What every place for signed heads must do. */
import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ed25519Signer } from '../../lib/adapters/keys/ed25519.ts';
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import type { SignedHead } from '../../lib/core/audit/head.ts';
import type { AuditHeads } from '../../lib/ports/audit.ts';
import { signHead } from '../../lib/usecases/audit/head.ts';

const SIGNER = new Ed25519Signer(generateKeyPairSync('ed25519').privateKey);
const DAY_MS = 24 * 3_600_000;

export function headOf(length: number): Promise<SignedHead> {
  return signHead(canonicalJson, SIGNER, { length, hash: 'ab'.repeat(32), at: 1_790_000_000_000 + length * DAY_MS });
}

export function auditHeadsContract(name: string, create: () => Promise<AuditHeads>): void {
  describe(`signed heads: ${name}`, () => {
    let heads: AuditHeads;
    beforeEach(async () => {
      heads = await create();
    });

    it('are none at first', async () => {
      expect(await heads.latest()).toBeNull();
      expect(await heads.page(Number.POSITIVE_INFINITY, 10)).toEqual([]);
    });

    it('are given back as they were put, the newest first, from any length on', async () => {
      const put = await Promise.all([1, 2, 9, 10, 11, 99, 100, 1_234].map(headOf));
      for (const head of put) await heads.put(head);
      const newest = put.toReversed();

      expect(await heads.latest()).toEqual(newest[0]);
      expect(await heads.page(Number.POSITIVE_INFINITY, 100)).toEqual(newest);
      expect(await heads.page(Number.POSITIVE_INFINITY, 3)).toEqual(newest.slice(0, 3));
      expect(await heads.page(99, 3)).toEqual(newest.slice(3, 6));
      expect(await heads.page(50, 100)).toEqual(newest.slice(3));
      expect(await heads.page(1, 100)).toEqual([]);
    });

    it('are told once, however often one is put', async () => {
      const head = await headOf(5);
      await heads.put(head);
      await heads.put(head);

      expect(await heads.page(Number.POSITIVE_INFINITY, 10)).toEqual([head]);
    });
  });
}
