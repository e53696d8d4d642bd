/** Whoever can write to the database of a host cannot rewrite its audit trail quietly. */
import { generateKeyPairSync } from 'node:crypto';
import { appendFile, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ed25519Signer } from '../../lib/adapters/keys/ed25519.ts';
import { canonicalJson } from '../../lib/adapters/system/canonical-json.ts';
import { seenEntries, seenHeads } from '../../lib/cli/audit-source.ts';
import { ApiClient } from '../../lib/cli/client.ts';
import { hostTransport } from '../../lib/cli/transport/host.ts';
import type { AuditEntry } from '../../lib/core/audit/entry.ts';
import type { StoredEntry } from '../../lib/ports/audit.ts';
import { type CheckedTrail, checkTrail } from '../../lib/usecases/audit/check-trail.ts';
import { signHead } from '../../lib/usecases/audit/head.ts';
import { altered, forged, inPlaces } from '../fixtures/audit-chain.ts';
import { tidemark } from './cli.ts';
import { HostUnderTest } from './support.ts';

const PAUSE = '/routes/primary-secondary/pause';

let host: HostUnderTest;
let database: DatabaseSync;
let heads: string;
/** As they were written. */
let written: readonly StoredEntry[];
let signed: string;

beforeAll(async () => {
  host = await HostUnderTest.create();
  await grow(3);
  await grow(3);
  database = new DatabaseSync(join(host.folder, 'tidemark.db'));
  heads = join(host.folder, 'audit-heads', (await readdir(join(host.folder, 'audit-heads')))[0] ?? '');
  written = stored();
  signed = await readFile(heads, 'utf8');
}, 60_000);
afterAll(async () => {
  database?.close();
  await host?.dispose();
});
afterEach(async () => {
  replace(written);
  await writeFile(heads, signed);
});

/** Calls of an operator, an intent and an outcome each; a start signs what was appended before it. */
async function grow(calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await host.call('POST', PAUSE, {});
  await host.stop();
  await host.start();
  await vi.waitFor(
    async () => {
      const { body } = await host.call('GET', '/audit/head');
      expect(body.head).toMatchObject({ length: body.length });
    },
    { timeout: 25_000, interval: 20 },
  );
}

function stored(): readonly StoredEntry[] {
  const rows = database.prepare('SELECT sequence, hash, entry FROM audit_entries ORDER BY sequence').all();
  return rows.map(({ sequence, hash, entry }) => ({ sequence: Number(sequence), hash: String(hash), text: String(entry) }));
}

function replace(entries: readonly StoredEntry[]): void {
  database.exec('BEGIN IMMEDIATE; DELETE FROM audit_entries');
  for (const { sequence, hash, text } of entries) {
    database.prepare('INSERT INTO audit_entries (sequence, hash, entry) VALUES (?, ?, ?)').run(sequence, hash, text);
  }
  database.exec('COMMIT');
}

async function verified(): Promise<CheckedTrail> {
  const client = new ApiClient(hostTransport(host.url, {}));
  const { publicKey } = await client.get<{ readonly publicKey: string }>('/verify/key');
  const { signed } = await client.get<{ readonly signed: number }>('/audit/head');
  return checkTrail(seenEntries(client), await seenHeads(client, publicKey), signed);
}

const at = (sequence: number): StoredEntry => {
  const entry = written[sequence - 1];
  if (!entry) throw new Error(`there is no entry ${sequence}`);
  return entry;
};
const run = (sql: string): void => database.exec(sql);

/** All from `first` on said by somebody else, with hashes and links made again, as who has read the documentation would do it. */
function rewriteFrom(first: number): void {
  let previous = first === 1 ? '0'.repeat(64) : at(first - 1).hash;
  const entries = written.slice(first - 1).map((entry) => {
    const other = forged(entry, { actor: 'somebody else', previous } satisfies Partial<AuditEntry>);
    previous = other.hash;
    return other;
  });
  replace([...written.slice(0, first - 1), ...entries]);
}

const TAMPERED: readonly (readonly [string, () => void | Promise<void>, object])[] = [
  [
    'edited',
    () => replace(written.map((each) => (each.sequence === 5 ? altered(each, { actor: 'somebody else' }) : each))),
    { fault: 'altered', sequence: 5 },
  ],
  [
    'edited, hash and all',
    () => replace(written.map((each) => (each.sequence === 5 ? forged(each, { actor: 'x' }) : each))),
    { fault: 'unlinked', sequence: 6 },
  ],
  ['made unreadable', () => run("UPDATE audit_entries SET entry = '{' WHERE sequence = 5"), { fault: 'altered', sequence: 5 }],
  [
    'given a space that no hash tells of',
    () => run("UPDATE audit_entries SET entry = entry || ' ' WHERE sequence = 5"),
    { fault: 'altered', sequence: 5 },
  ],
  [
    'given a second actor, before the one that its hash was made of',
    () => run(`UPDATE audit_entries SET entry = replace(entry, '"actor":', '"actor":"somebody else","actor":') WHERE sequence = 5`),
    { fault: 'altered', sequence: 5 },
  ],
  ['put in before the first', () => run("INSERT INTO audit_entries VALUES (0, '00', '{}')"), { fault: 'doubled', sequence: 0 }],
  ['put in far before the first, page after page', putInBefore, { fault: 'doubled', sequence: -450 }],
  ['deleted', () => run('DELETE FROM audit_entries WHERE sequence IN (4, 5)'), { fault: 'gap', sequence: 4, through: 5 }],
  ['deleted, and the rest moved up', () => replace(inPlaces(written.filter(({ sequence }) => sequence !== 5))), { fault: 'gap', sequence: 5 }],
  [
    'put in',
    () => replace(inPlaces([...written.slice(0, 4), forged(at(5), { actor: 'x' }), ...written.slice(4)])),
    { fault: 'doubled', sequence: 5, through: 6 },
  ],
  ['doubled', () => replace(inPlaces([...written.slice(0, 5), at(3), ...written.slice(5)])), { fault: 'doubled', sequence: 6 }],
  [
    'swapped',
    () =>
      run(
        'UPDATE audit_entries SET sequence = CASE sequence WHEN 5 THEN -6 ELSE -5 END WHERE sequence IN (5, 6); UPDATE audit_entries SET sequence = -sequence WHERE sequence < 0',
      ),
    { fault: 'reordered', sequence: 5 },
  ],
  ['cut off', () => run('DELETE FROM audit_entries WHERE sequence > 8'), { fault: 'cut', sequence: 9, through: 12 }],
  ['all thrown away', () => run('DELETE FROM audit_entries'), { fault: 'cut', sequence: 1, through: 12 }],
  ['written anew, from entry 9 on', () => rewriteFrom(9), { fault: 'rewritten', sequence: 7, through: 12 }],
  ['written anew, all of it', () => rewriteFrom(1), { fault: 'rewritten', sequence: 1, through: 6 }],
  ['cut off, with a head for what is left that another key signed', forgeHead, { fault: 'forged-head', sequence: 8 }],
  [
    'left as it was, and a head changed',
    async () => writeFile(heads, signed.replace('"length":12', '"length":11')),
    { fault: 'forged-head', sequence: 11 },
  ],
  ['left as it was, and its heads taken away', () => rm(heads), { fault: 'lost-head', sequence: 1, through: 12 }],
  ['left as it was, and its heads given another name', () => rename(heads, `${heads}.bak`), { fault: 'lost-head', sequence: 1, through: 12 }],
  [
    'written anew, and its heads taken away',
    async () => {
      rewriteFrom(9);
      await rm(heads);
    },
    { fault: 'lost-head', sequence: 1, through: 12 },
  ],
  [
    'cut off, and the last head made unreadable',
    async () => {
      run('DELETE FROM audit_entries WHERE sequence > 8');
      await writeFile(heads, signed.replace('"length":12', '"length":"12"'));
    },
    { fault: 'lost-head', sequence: 7, through: 12 },
  ],
  ['left as it was, and the last head torn', () => truncate(heads, signed.length - 100), { fault: 'lost-head', sequence: 7, through: 12 }],
];

/** More than one answer of the API holds. */
function putInBefore(): void {
  const rows = Array.from({ length: 451 }, (_, index) => `(${-index}, '00', '{}')`);
  run(`INSERT INTO audit_entries VALUES ${rows.join()}`);
}

async function forgeHead(): Promise<void> {
  run('DELETE FROM audit_entries WHERE sequence > 8');
  const signer = new Ed25519Signer(generateKeyPairSync('ed25519').privateKey);
  await truncate(heads, 0);
  await appendFile(heads, `${JSON.stringify(await signHead(canonicalJson, signer, { length: 8, hash: at(8).hash, at: 1 }))}\n`);
}

describe('an audit trail', () => {
  it('is as it was written while nobody touches it', async () => {
    expect(await verified()).toEqual({ ok: true, length: 12, proven: 12, heads: 2 });
  });

  it.each(TAMPERED)('is named, whatever was done to the database: %s', async (_what, tamper, bad) => {
    await tamper();

    expect(await verified()).toMatchObject({ ok: false, bad });
  });

  it('is listed and checked by the command line, which says what to do', { timeout: 60_000 }, async () => {
    const [listed, sound] = await Promise.all([
      tidemark(['audit', 'list', '--limit', '2', '--url', host.url]),
      tidemark(['audit', 'verify', '--url', host.url]),
    ]);
    expect(listed).toMatchObject({ code: 0, errors: '' });
    expect(listed.output).toMatch(/^ *N +AT +ACTOR +ACTION +SUBJECT\n11 .* local +pauseRoute +\S+\n12 .* local +pauseRoute\.outcome +\S+\n$/);
    expect(sound).toMatchObject({ code: 0, errors: expect.stringContaining('--key') });
    expect(sound.output).toMatch(/as it was written: 12 entries.*\nSigned up to entry 12, by 2 heads of the key [0-9a-f]{64}\.\n$/);

    run('DELETE FROM audit_entries WHERE sequence > 8');
    const [cut, json] = await Promise.all([
      tidemark(['audit', 'verify', '--url', host.url]),
      tidemark(['audit', 'verify', '--json', '--url', host.url]),
    ]);

    expect(cut).toMatchObject({
      code: 3,
      output: '',
      errors: expect.stringMatching(/^tidemark: entries 9 to 12 were signed and are gone: the end was cut off\. .*docs\/audit\.md/),
    });
    expect(json.code).toBe(3);
    expect(JSON.parse(json.output)).toEqual({ ok: false, length: 8, proven: 6, heads: 2, bad: { fault: 'cut', sequence: 9, through: 12 } });
  });

  it('is signed no further, and said to be changed, where its heads are gone', { timeout: 60_000 }, async () => {
    await host.stop();
    await rm(heads);
    await host.start();
    const told = async (): Promise<unknown> => (await host.call('GET', '/healthz')).body.checks;
    await host.eventually(async () => JSON.stringify(await told()).includes('the head that was signed of entry 12 is gone'), true);

    expect(await tidemark(['audit', 'verify', '--url', host.url])).toMatchObject({
      code: 3,
      errors: expect.stringMatching(/^tidemark: entries 1 to 12 were signed, and the head that proves it is gone or cannot be read: /),
    });
  });

  it('is signed no further once it was changed, and the host goes on', async () => {
    await host.stop();
    run('DELETE FROM audit_entries WHERE sequence > 8');
    await host.start();
    const told = async (): Promise<unknown> => (await host.call('GET', '/healthz')).body.checks;
    await host.eventually(async () => JSON.stringify(await told()).includes('entry 12 is not the one that was signed'), true);
    await host.call('POST', PAUSE, {});

    expect(await verified()).toMatchObject({ ok: false, length: 10, heads: 2, bad: { fault: 'cut', sequence: 11, through: 12 } });
  });
});
