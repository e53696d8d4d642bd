import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChildHost, type ChildOptions, newWorkingDirectory } from './child-host.ts';

let directory: Awaited<ReturnType<typeof newWorkingDirectory>>;
const hosts: ChildHost[] = [];

beforeEach(async () => {
  directory = await newWorkingDirectory();
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.kill()));
  await directory.dispose();
});

function launch(options?: ChildOptions): ChildHost {
  const host = new ChildHost(directory.folder, options);
  hosts.push(host);
  return host;
}

describe('a start', () => {
  it('says where it listens, what it does and what to try', async () => {
    const host = launch();
    const url = await host.ready();

    expect(host.output).toContain('primary    folder regions/primary');
    expect(host.output).toContain('echo hello > regions/primary/hello.txt');
    expect(host.output).toContain('cat regions/secondary/hello.txt');
    expect(host.output).toContain(`curl -s '${url}/events?limit=5'`);
    expect(host.output).toContain('/events/ingest');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  it('between two folders loads nothing of the AWS SDK', async () => {
    const host = launch({ nodeOptions: ['--import', join(import.meta.dirname, '../fixtures/no-aws-sdk.ts')] });

    await host.ready();

    expect(host.errors).toBe('');
  });

  it('would be stopped by that check if it did', async () => {
    const region = { bucket: { existing: 'some-bucket' }, awsRegion: 'us-east-1', endpoint: 'http://127.0.0.1:9' };
    const config = { regions: { primary: region, secondary: { folder: 'regions/secondary' } }, routes: [{ from: 'primary', to: 'secondary' }] };
    await writeFile(join(directory.folder, 'tidemark.config.ts'), `export default ${JSON.stringify(config)};\n`);
    const host = launch({ nodeOptions: ['--import', join(import.meta.dirname, '../fixtures/no-aws-sdk.ts')] });

    expect(await host.exit()).toBe(1);
    expect(host.errors).toContain('@aws-sdk/client-s3 was loaded');
  });
});

describe('a start that cannot be says what to do', () => {
  it('when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const host = launch({ env: { PORT: port } });

    expect(await host.exit()).toBe(1);
    expect(host.errors).toBe(`tidemark: port ${port} of 127.0.0.1 is in use: stop what listens there, or set PORT to another one\n`);
    other.close();
  });

  it('when another one holds the database', async () => {
    await launch().ready();
    const second = launch();

    expect(await second.exit()).toBe(1);
    expect(second.errors).toContain('another running process holds');
    expect(second.errors).toContain('or give this one a database of its own');
  });

  it('when a folder cannot be made', async () => {
    await writeFile(join(directory.folder, 'regions'), 'a file stands in the way');
    const host = launch();

    expect(await host.exit()).toBe(1);
    expect(host.errors).toMatch(
      /the folder regions\/primary of region primary cannot be used \(.+\): give this user the right to write there, or name another folder/,
    );
  });

  it('when the configuration is wrong, with 2', async () => {
    const host = launch({ env: { PORT: 'many' } });

    expect(await host.exit()).toBe(2);
    expect(host.errors).toContain('PORT');
  });

  it('when others could reach it and no token protects it, with 2', async () => {
    const host = launch({ env: { HOST: '0.0.0.0' } });

    expect(await host.exit()).toBe(2);
    expect(host.errors).toContain('API_TOKEN');
  });
});

describe('the command line', () => {
  it('checks a configuration and shows it with its defaults', async () => {
    const check = launch({ command: ['config', 'check'] });

    expect(await check.exit()).toBe(0);
    expect(check.output).toContain('"name": "primary-secondary"');
    expect(check.output).toContain('"leaseSec": 60');
  });

  it('checks one for programs, too', async () => {
    const right = launch({ command: ['config', 'check', '--json'] });

    expect(await right.exit()).toBe(0);
    expect(JSON.parse(right.output)).toMatchObject({ routes: [{ name: 'primary-secondary' }] });
    await writeFile(join(directory.folder, 'tidemark.config.ts'), 'export default { regions: {}, routes: [] };\n');
    const wrong = launch({ command: ['config', 'check', '--json'] });

    expect(await wrong.exit()).toBe(2);
    expect(wrong.output).toBe('');
    expect(JSON.parse(wrong.errors)).toMatchObject({ type: 'urn:tidemark:problem:invalid-config', detail: expect.stringContaining('routes') });
  });

  it('names what is wrong in it, with 2', async () => {
    await writeFile(join(directory.folder, 'tidemark.config.ts'), 'export default { regions: {}, routes: [] };\n');
    const check = launch({ command: ['config', 'check'] });

    expect(await check.exit()).toBe(2);
    expect(check.errors).toContain('routes');
  });

  it('explains itself, with 2 when it was called wrongly', async () => {
    const wrong = launch({ command: ['dance'] });
    const right = launch({ command: ['--help'] });

    expect(await wrong.exit()).toBe(2);
    expect(await right.exit()).toBe(0);
    expect(wrong.errors).toContain("unknown command 'dance'");
    expect(wrong.errors).toContain('--help');
    expect(right.output).toContain('Usage: tidemark [options] [command]');
  });
});
