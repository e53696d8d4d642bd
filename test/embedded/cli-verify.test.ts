/** Status, verify and repair as commands, against a real host. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Ended, tidemark } from './cli.ts';
import { HostUnderTest, put, textOf } from './support.ts';

// Each command is a process of its own, and takes long on a busy machine.
describe('both sides', { timeout: 60_000 }, () => {
  let host: HostUnderTest;
  let folder: string;
  const run = (...args: readonly string[]): Promise<Ended> => tidemark([...args, '--url', host.url]);
  const lines = ({ output }: Ended): readonly Record<string, unknown>[] =>
    output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-report-'));
    // Nothing is mended by the clock meanwhile, and a difference is believed at once.
    host = await HostUnderTest.create({ reconcileSec: 86_400, verifyGraceSec: 0 });
    for (const key of ['a.txt', 'b.txt', 'c.txt']) await put(host.source, key, `text of ${key}`);
    await vi.waitUntil(async () => new Set((await host.events('&status=done')).map(({ key }) => key)).size === 3, { timeout: 25_000, interval: 20 });
  });
  afterAll(async () => {
    await host.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('are equal at first, and the status says so', async () => {
    const before = await run('status');
    const verified = await run('verify');
    const after = await run('status');

    expect(before).toMatchObject({
      code: 0,
      errors: '',
      output: expect.stringMatching(/^Tidemark {2}http.*\nHealthy {3}yes\nBehind {4}0 s.*\nWaiting {3}0 objects/),
    });
    expect(before.output).toContain('Verified  never');
    expect(verified).toMatchObject({ code: 0, output: '', errors: expect.stringMatching(/^equal 3 of 3 keys \(primary-secondary/) });
    expect(after.output).toMatch(/\nFailing {3}nothing\nVerified {2}equal 3, primary-secondary, .* ago\n\nROUTE/);
  });

  it('differ by what is missing, other and extra, each named, until they are repaired', async () => {
    await host.destination.remove('a.txt');
    await put(host.destination, 'b.txt', 'TEXT of b.txt');
    await put(host.destination, 'extra.txt', 'nobody wants it');

    const found = await run('verify', '--deep');
    expect(found.code).toBe(3);
    // What must be looked at twice comes last.
    expect(found.output.trimEnd().split('\n').sort()).toEqual([
      expect.stringMatching(/^different {2}b\.txt {2}\w/),
      expect.stringMatching(/^extra {6}extra\.txt {2}\w/),
      expect.stringMatching(/^missing {4}a\.txt {2}\w/),
    ]);
    expect(found.errors).toMatch(/^equal 1, missing 1, different 1, extra 1 of 4 keys .*\nTo mend them: tidemark repair/);

    const told = lines(await run('verify', '--json'));
    expect(
      told
        .slice(0, -1)
        .map(({ kind, key }) => `${kind} ${key}`)
        .sort(),
    ).toEqual(['different b.txt', 'extra extra.txt', 'missing a.txt']);
    expect(told.at(-1)).toEqual((await host.call('GET', `/verify/${told.at(-1)?.id}`)).body);

    expect(await run('repair')).toMatchObject({ code: 0, errors: expect.stringMatching(/To be mended: 2 keys/) });
    await host.eventually(
      async () => [await textOf(host.destination, 'a.txt'), await textOf(host.destination, 'b.txt')],
      ['text of a.txt', 'text of b.txt'],
    );
    expect(await run('verify')).toMatchObject({ code: 3, output: expect.stringMatching(/^extra {6}extra\.txt .*\n$/) });
    expect(await run('repair', '--delete')).toMatchObject({ code: 0 });
    await host.goes('extra.txt');
    expect(await run('verify', '--prefix', 'a')).toMatchObject({ code: 0, errors: expect.stringContaining('keys that begin with a;') });
  });

  it('have a report that proves itself, and a flipped byte of it is found', async () => {
    const { verifies }: { readonly verifies: readonly { readonly id: string }[] } = JSON.parse((await run('verify', 'list', '--json')).output);
    const id = verifies[0]?.id ?? '';
    const [report, key] = [join(folder, 'report.jsonl'), join(folder, 'key.pem')];
    await writeFile(report, (await run('verify', 'report', id)).output);
    await writeFile(key, (await run('verify', 'key')).output);

    expect(await tidemark(['verify', '--check', report, '--key', key])).toMatchObject({
      code: 0,
      output: expect.stringContaining('the key that is believed'),
    });
    expect(await tidemark(['verify', '--check', report, '--key', report])).toMatchObject({
      code: 1,
      errors: `tidemark: --key: ${report} holds no public key. Name a file that \`tidemark verify key\` wrote.\n`,
    });
    const bytes = await readFile(report);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(report, bytes);
    expect(await run('verify', '--check', report)).toMatchObject({ code: 1, output: '', errors: expect.stringContaining('is not as it was signed') });
  });

  it('are not healthy without a folder, and the status exits so', async () => {
    const path = host.config.regions.primary?.kind === 'folder' ? host.config.regions.primary.path : '';
    await rename(path, `${path}-gone`);
    const { code, output } = await run('status');
    await rename(`${path}-gone`, path);

    expect(code).toBe(1);
    expect(output).toMatch(/\nHealthy {3}no: region primary\n {2}region primary: .*\n {4}Create the bucket, mount the folder/);
  });
});
