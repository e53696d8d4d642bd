/** Are both sides equal, and making them so: by the workflow, with reports that KMS signs. */
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { checkReport } from '../../lib/usecases/verify/check-report.ts';
import { describeDeployed, PATIENCE, Pair } from './client.ts';

const PREFIX = 'verify/';
const KEYS = Array.from({ length: 12 }, (_, n) => `${PREFIX}${n % 3}/${n}.txt`);
const textOf = (key: string): string => `the text of ${key}`;

describeDeployed('a verify', () => {
  const pair = new Pair('verify');

  async function ended(path: '/verify' | '/repair', asked: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const { status, body } = await pair.call('POST', path, { ...pair.regions, prefix: PREFIX, ...asked });
    expect({ status, body }).toMatchObject({ status: 202, body: { status: 'running' } });
    const view = async (): Promise<Record<string, unknown>> => (await pair.call('GET', `/verify/${String(body.id)}`)).body;
    await expect.poll(async () => (await view()).status, PATIENCE).not.toBe('running');
    return view();
  }

  it('tells what differs in a report that the key of the stack has signed, and a repair mends it', async () => {
    for (const key of KEYS) await pair.source.put(key, textOf(key));
    for (const key of KEYS) await pair.arrives(key, textOf(key));
    await pair.settles(PREFIX);
    const [lost = '', rewritten = ''] = KEYS;
    await pair.destination.delete(lost);
    await pair.destination.put(rewritten, 'of someone else');
    await pair.destination.put(`${PREFIX}extra.txt`, 'of someone else');

    const found = await ended('/verify', { deep: true });

    expect(found).toMatchObject({
      status: 'done',
      kind: 'verify',
      deep: true,
      counts: { equal: KEYS.length - 2, missing: 1, different: 1, extra: 1, unknown: 0 },
    });
    const { body: page } = await pair.call('GET', `/verify/${String(found.id)}/differences`);
    expect(page.differences).toHaveLength(3);
    const { status, location = '' } = await pair.call('GET', `/verify/${String(found.id)}/report`);
    expect(status).toBe(307);
    const report = Buffer.from(await (await fetch(location)).arrayBuffer());
    const { body: key } = await pair.call('GET', '/verify/key');
    expect(key).toMatchObject({ algorithm: 'ECDSA_SHA_256' });
    expect(await checkReport(Readable.from([report]), String(key.publicKey))).toMatchObject({
      ok: true,
      trusted: true,
      header: { id: found.id, prefix: PREFIX },
      summary: { counts: found.counts, differences: 3 },
    });
    report.writeUInt8(report.readUInt8(40) ^ 1, 40);
    expect(await checkReport(Readable.from([report]), String(key.publicKey))).toMatchObject({ ok: false });

    expect(await ended('/repair', { delete: true })).toMatchObject({ status: 'done', enqueued: 3 });

    await pair.arrives(lost, textOf(lost));
    await pair.arrives(rewritten, textOf(rewritten));
    await pair.goes(`${PREFIX}extra.txt`);
  });

  it('is begun by the clock as a reconcile, which finds what no event told, once until it is due again', async () => {
    const [lost = ''] = KEYS;
    const { srcRegion, dstRegion } = pair.regions;
    const ageMs = async (): Promise<number> => {
      const { scheduled } = (await pair.call('GET', '/metrics')).body;
      return Object(scheduled)[`${srcRegion}-${dstRegion}`].reconcile.ageMs;
    };
    // The function of the clock writes down once since when one is expected.
    await expect.poll(ageMs, PATIENCE).toBeGreaterThan(0);
    const before = Date.now();
    await pair.destination.delete(lost);

    expect(await pair.invoke('StepFunctionName', { action: 'schedule' })).toEqual({ started: 1 });

    await pair.arrives(lost, textOf(lost));
    expect(await pair.invoke('StepFunctionName', { action: 'schedule' })).toEqual({ started: 0 });
    await expect.poll(async () => (await ageMs()) < Date.now() - before, PATIENCE).toBe(true);
  });
});
