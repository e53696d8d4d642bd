import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderAuditHeads } from '../../../lib/adapters/filesystem/audit-heads.ts';
import { Ed25519Signer } from '../../../lib/adapters/keys/ed25519.ts';
import { canonicalJson } from '../../../lib/adapters/system/canonical-json.ts';
import type { SignedHead } from '../../../lib/core/audit/head.ts';
import type { SignedMark, StoredEntry } from '../../../lib/ports/audit.ts';
import { seenHead, signHead } from '../../../lib/usecases/audit/head.ts';
import { type SealDeps, sealHead } from '../../../lib/usecases/audit/seal.ts';
import { ManualClock } from '../../contract/manual-clock.ts';
import { altered, chainOf, forged } from '../../fixtures/audit-chain.ts';
import { MemoryAuditStore } from '../../fixtures/audit-trail.ts';

const newSigner = (): Ed25519Signer => new Ed25519Signer(generateKeyPairSync('ed25519').privateKey);

let folder: string;
let store: MemoryAuditStore;
let deps: SealDeps;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-heads-'));
  store = new MemoryAuditStore();
  deps = { store, heads: new FolderAuditHeads(folder), signer: newSigner(), canonical: canonicalJson, clock: new ManualClock() };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const isAuthentic = async (head: SignedHead): Promise<boolean> => seenHead(canonicalJson, head, await deps.signer.publicKey()).authentic;

describe('sealing', () => {
  it('signs the end of the chain, when something was appended', async () => {
    expect(await sealHead(deps)).toBeNull();
    store.entries.push(...chainOf(3));
    const head = await sealHead(deps);

    expect(head).toMatchObject({ length: 3, hash: store.entries[2]?.hash, at: deps.clock.now(), algorithm: 'Ed25519' });
    expect(await sealHead(deps)).toBeNull();
    store.entries.push(...chainOf(1_200, 'more', store.entries[2]));
    await sealHead(deps);

    expect((await deps.heads.page(Number.POSITIVE_INFINITY, 10)).map(({ length }) => length)).toEqual([1_203, 3]);
    expect(head && (await isAuthentic(head))).toBe(true);
  });

  const first = (entries: StoredEntry[]): StoredEntry => {
    const [entry] = entries;
    if (!entry) throw new Error('there is one');
    return entry;
  };
  it.each<[string, (entries: StoredEntry[]) => void]>([
    ['the end was cut', (entries) => entries.pop()],
    ['all is gone', (entries) => entries.splice(0)],
    ['the last one signed was altered', (entries) => entries.splice(2, 1, altered(entries[2] ?? first(entries), { actor: 'x' }))],
    ['it was written anew', (entries) => entries.splice(0, 3, ...chainOf(3, 'somebody else'))],
    ['it was cut and has grown', (entries) => entries.splice(2, 1, ...chainOf(4, 'x', entries[1]))],
    ['what was appended since was altered', (entries) => entries.push(altered(first([...chainOf(1, 'x', entries[2])]), { actor: 'y' }))],
    [
      'what was appended since does not follow',
      (entries) => entries.push(forged(first([...chainOf(1, 'x', entries[2])]), { previous: 'f'.repeat(64) })),
    ],
  ])('signs nothing that contradicts what was signed before: %s', async (_what, tamper) => {
    store.entries.push(...chainOf(3));
    await sealHead(deps);
    tamper(store.entries);

    await expect(sealHead(deps)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });

    expect((await deps.heads.latest())?.length).toBe(3);
  });

  it('signs nothing anew where what was signed is gone, and what was signed before anybody kept a mark is marked', async () => {
    let marked = 0;
    const mark: SignedMark = {
      read: async () => marked,
      raise: async (length) => {
        marked = length;
      },
    };
    store.entries.push(...chainOf(3));
    await sealHead(deps);
    expect(await sealHead({ ...deps, mark })).toBeNull();
    expect(marked).toBe(3);
    store.entries.push(...chainOf(2, 'more', store.entries[2]));
    await sealHead({ ...deps, mark });
    expect(marked).toBe(5);
    await rm(folder, { recursive: true });

    await expect(sealHead({ ...deps, mark })).rejects.toMatchObject({ code: 'AUDIT_BROKEN', message: expect.stringContaining('entry 5 is gone') });

    expect(await deps.heads.latest()).toBeNull();
  });

  it('goes on behind no head but its own', async () => {
    store.entries.push(...chainOf(3));
    await deps.heads.put(await signHead(canonicalJson, newSigner(), { length: 3, hash: store.entries[2]?.hash ?? '', at: 1 }));

    await expect(sealHead(deps)).rejects.toMatchObject({ code: 'AUDIT_BROKEN' });
  });
});

describe('a signed head', () => {
  it('is believed as it was signed, by the key that is believed, and not otherwise', async () => {
    const head = await signHead(canonicalJson, deps.signer, { length: 3, hash: 'ab', at: 1_000 });
    const others = await signHead(canonicalJson, newSigner(), head);

    expect(await isAuthentic(head)).toBe(true);
    const touched: readonly SignedHead[] = [
      { ...head, length: 2 },
      { ...head, hash: 'ac' },
      { ...head, at: 1_001 },
      { ...head, algorithm: 'ECDSA_SHA_256' },
      { ...head, signature: `${head.signature.slice(0, -4)}AAA=` },
      { ...head, publicKey: 'AAAA' },
      others,
      { ...others, publicKey: head.publicKey },
    ];
    expect(await Promise.all(touched.map(isAuthentic))).toEqual(touched.map(() => false));
  });
});
