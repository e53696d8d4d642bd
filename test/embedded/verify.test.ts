/** Are both sides equal, and making them so: on the host as people start it, between two folders. */
import { readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Difference } from '../../lib/core/verify/difference.ts';
import { checkReport } from '../../lib/usecases/verify/check-report.ts';
import { HostUnderTest, put, textOf } from './support.ts';

const ENDS = { srcRegion: 'primary', dstRegion: 'secondary' };

let host: HostUnderTest;

beforeEach(async () => {
  host = await HostUnderTest.create({ verifyGraceSec: 1, reconcileSec: 86_400 });
});

afterEach(() => host.dispose());

/** @returns what it says once it is done */
async function ended(path: '/verify' | '/repair', asked: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { status, body } = await host.call('POST', path, { ...ENDS, ...asked });
  expect({ status, body }).toMatchObject({ status: 202, body: { status: 'running', kind: path.slice(1) } });
  await host.eventually(async () => (await host.call('GET', `/verify/${String(body.id)}`)).body.status, 'done');
  return (await host.call('GET', `/verify/${String(body.id)}`)).body;
}

async function differences(id: unknown): Promise<readonly Difference[]> {
  return (await host.call('GET', `/verify/${String(id)}/differences`)).body.differences as Difference[];
}

async function copied(...keys: readonly string[]): Promise<void> {
  // The watch alone tells of them: what told once more, and later, would mend what a test is about to break.
  for (const key of keys) await put(host.source, key, `text of ${key}`);
  for (const key of keys) await host.arrives(key, `text of ${key}`);
  await host.eventually(() => host.open(), 0);
}

/** As a disk does it: nobody wrote, and no time stamp tells. */
async function flipByte(region: string, key: string): Promise<void> {
  const path = join(host.folder, 'regions', region, key);
  const { atime, mtimeNs } = await stat(path, { bigint: true });
  const bytes = await readFile(path);
  bytes.writeUInt8(bytes.readUInt8(3) ^ 1, 3);
  await writeFile(path, bytes);
  // Stamped in whole microseconds, of which a number of seconds keeps no more than that.
  await utimes(path, atime, Math.round(Number(mtimeNs / 100n) / 10) / 1e6);
}

describe('a verify', () => {
  it('finds both sides equal, and says so in a signed report', async () => {
    await copied('a.txt', 'b/c.txt');

    const done = await ended('/verify');

    expect(done).toMatchObject({
      counts: { equal: 2, missing: 0, different: 0, extra: 0, unknown: 0 },
      listed: 2,
      deep: false,
      route: 'primary-secondary',
    });
    const key = (await host.call('GET', '/verify/key')).body;
    const report = await fetch(`${host.url}/verify/${String(done.id)}/report`);
    const bytes = Buffer.from(await report.arrayBuffer());
    expect(report.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await checkReport(once(bytes), String(key.publicKey))).toMatchObject({
      ok: true,
      trusted: true,
      keyId: key.keyId,
      header: { id: done.id, route: 'primary-secondary', watermark: done.startedAt },
      summary: { counts: done.counts, differences: 0 },
    });
    expect((await host.call('GET', '/metrics')).body.verify).toEqual({
      'primary-secondary': { at: done.startedAt, deep: false, counts: done.counts },
    });
  });

  it('names each difference, and why', async () => {
    await copied('equal.txt', 'rewritten.txt', 'gone.txt');
    await put(host.destination, 'extra.txt', 'of others');
    await put(host.destination, 'rewritten.txt', 'another length altogether');
    await host.destination.remove('gone.txt');

    const done = await ended('/verify');

    expect(done.counts).toEqual({ equal: 1, missing: 1, different: 1, extra: 1, unknown: 0 });
    const found = await differences(done.id);
    expect([...found].sort((a, b) => (a.key < b.key ? -1 : 1))).toMatchObject([
      { key: 'extra.txt', kind: 'extra', destination: { size: 9 } },
      { key: 'gone.txt', kind: 'missing', source: { size: 16 } },
      { key: 'rewritten.txt', kind: 'different', reason: 'the sizes differ' },
    ]);
  });
});

describe('a byte that was flipped at the replica', () => {
  it('is found by a deep verify alone, and mended by a deep repair', async () => {
    await copied('a.txt', 'b.txt', 'c.txt');
    await flipByte('secondary', 'b.txt');
    expect(await textOf(host.destination, 'b.txt')).not.toBe('text of b.txt');

    expect((await ended('/verify')).counts).toMatchObject({ equal: 3 });
    expect((await ended('/repair')).enqueued).toBe(0);
    const deep = await ended('/verify', { deep: true });
    expect(deep.counts).toMatchObject({ equal: 2, different: 1 });
    expect(await differences(deep.id)).toMatchObject([{ key: 'b.txt', kind: 'different', reason: 'the bytes differ' }]);

    expect(await ended('/repair', { deep: true })).toMatchObject({ enqueued: 1, counts: { equal: 2, different: 1 } });

    await host.arrives('b.txt', 'text of b.txt');
    await host.eventually(() => host.open(), 0);
    expect((await ended('/verify', { deep: true })).counts).toMatchObject({ equal: 3, different: 0 });
  });
});

describe('a repair', () => {
  it('copies what is missing or differs, and deletes what is extra where it is told to', async () => {
    await copied('stays.txt', 'gone.txt', 'rewritten.txt');
    await host.destination.remove('gone.txt');
    await put(host.destination, 'rewritten.txt', 'by others');
    await put(host.destination, 'extra.txt', 'of others');

    expect(await ended('/repair')).toMatchObject({ enqueued: 2, delete: false });
    await host.arrives('gone.txt', 'text of gone.txt');
    await host.arrives('rewritten.txt', 'text of rewritten.txt');
    expect(await textOf(host.destination, 'extra.txt')).toBe('of others');

    expect(await ended('/repair', { delete: true })).toMatchObject({ enqueued: 1, delete: true });
    await host.goes('extra.txt');
    await host.eventually(() => host.open(), 0);
    expect((await ended('/verify')).counts).toEqual({ equal: 3, missing: 0, different: 0, extra: 0, unknown: 0 });
  });

  it('deletes nothing where the source looks empty', async () => {
    await put(host.destination, 'extra.txt', 'of others');

    expect(await ended('/repair', { delete: true })).toMatchObject({ enqueued: 0, counts: { extra: 1 } });
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
