/** The operator's commands against a stack: found by its outputs, signed by the credential chain. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ended, tidemark } from '../embedded/cli.ts';
import { describeDeployed, Pair } from './client.ts';
import { SOURCE_REGION, stackOf, subset } from './deployment.ts';

const PREFIX = 'cli/';

describeDeployed('the command line', () => {
  const pair = new Pair('main');
  const stack = ['--stack', stackOf(pair.regions.srcRegion), '--region', SOURCE_REGION];
  const env = (): Record<string, string> => {
    const { endpoint, certificatePath, credentials } = pair.deployment;
    return {
      AWS_ENDPOINT_URL: endpoint,
      NODE_EXTRA_CA_CERTS: certificatePath,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
  };
  const run = (...args: readonly string[]): Promise<Ended> =>
    tidemark([...args, ...stack], { env: env(), nodeOptions: ['--import', join(import.meta.dirname, 'api-host.ts')] });

  it('lists, tells and shows as it does against a host', async () => {
    await pair.source.put(`${PREFIX}a.txt`, 'text');
    await pair.arrives(`${PREFIX}a.txt`, 'text');
    await pair.settles(`${PREFIX}a.txt`);

    const listed = await run('events', 'list', '--key', PREFIX, '--json');
    expect(listed).toMatchObject({ code: 0, errors: '' });
    expect(JSON.parse(listed.output).events).toMatchObject([{ key: `${PREFIX}a.txt`, status: 'done' }]);
    expect(await run('ingest', `${PREFIX}a.txt`)).toMatchObject({ code: 0, errors: 'Accepted 1, known already 0, rejected 0.\n' });
    expect((await run('events', 'show', `${PREFIX}a.txt`)).output).toContain(`Way        ${pair.regions.srcRegion} → ${pair.regions.dstRegion}`);
    expect((await run('routes', 'list')).output).toMatch(/\n\S+ +primary → secondary +all/);
  });

  it('tells how it is, compares, and proves the report that KMS signed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-report-'));
    const [report, key] = [join(folder, 'report.jsonl'), join(folder, 'key.pem')];
    const verified = await run('verify', '--prefix', PREFIX, '--json');
    const [{ id } = { id: '' }]: { id: string }[] = verified.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    await writeFile(report, (await run('verify', 'report', id)).output);
    await writeFile(key, (await run('verify', 'key')).output);
    const checked = await tidemark(['verify', '--check', report, '--key', key]);
    await rm(folder, { recursive: true });

    expect(verified).toMatchObject({ code: 0, errors: '' });
    expect(checked).toMatchObject({ code: 0, output: expect.stringContaining('the key that is believed') });
    // What was compared is a part of the route.
    expect(await run('status')).toMatchObject({ code: 0, output: expect.stringMatching(/\nHealthy {3}yes\n[\s\S]*\nVerified {2}never/) });
  });

  it('says so where there is no such stack', async () => {
    const { code, errors } = await tidemark(['routes', 'list', '--stack', 'nobodys', '--region', SOURCE_REGION], { env: env() });

    expect({ code, errors }).toEqual({
      code: 1,
      errors: expect.stringMatching(/there is no stack nobodys in eu-west-1\. Name one that `npm run deploy` made/),
    });
  });

  it('has a doctor that finds nothing wrong with what was deployed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
    await writeFile(join(folder, 'tidemark.config.ts'), `export default ${JSON.stringify(subset('main'))};\n`);
    const { code, output } = await tidemark(['doctor', '--json'], { env: env(), cwd: folder });
    await rm(folder, { recursive: true });

    const { findings } = JSON.parse(output) as { findings: { level: string; check: string }[] };
    expect(findings.filter(({ level }) => level === 'error' || level === 'warning')).toEqual([]);
    expect(new Set(findings.map(({ check }) => check))).toEqual(
      new Set(['stack', 'bucket', 'clock', 'permissions', 'versioning', 'endpoint', 'notifications', 'queue']),
    );
    expect(code).toBe(0);
  });
});
