/** What the doctor finds with no server at hand: of folders, of the configuration and of the environment. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRoot } from '../../lib/adapters/filesystem/root.ts';
import { examine } from '../../lib/cli/doctor/examine.ts';
import type { Finding } from '../../lib/usecases/doctor/finding.ts';
import { wrong } from './findings.ts';

const SIDES = ['primary', 'secondary'] as const;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the doctor on folders and the environment', () => {
  const folders = async (): Promise<void> => {
    for (const side of SIDES) {
      await mkdir(join(directory, 'data/regions', side), { recursive: true });
      await createRoot(join(directory, 'data/regions', side), { adopt: true });
    }
    await writeFile(join(directory, 'data/replication_cdc.db'), '');
  };
  const examined = async (env: Record<string, string>): Promise<readonly Finding[]> => {
    const before = process.cwd();
    process.chdir(directory);
    try {
      return await examine(directory, env);
    } finally {
      process.chdir(before);
    }
  };

  it('finds nothing wrong with two folders', async () => {
    await folders();

    expect(wrong(await examined({}))).toEqual([]);
  });

  it('finds nothing wrong before the first start, and says where it looked', async () => {
    await mkdir(join(directory, 'data/regions/primary'), { recursive: true });

    const found = await examined({});

    expect(found).toMatchObject(SIDES.map((side) => ({ level: 'info', code: 'NOT_STARTED', subject: `region ${side}` })));
    expect(found[1]?.message).toContain(join(directory, 'data/regions/secondary'));
  });

  it('finds a folder that is missing, and says how it comes', async () => {
    await folders();
    await rm(join(directory, 'data/regions/secondary'), { recursive: true });

    const found = await examined({});

    expect(wrong(found)).toEqual([{ level: 'error', code: 'BUCKET_MISSING', subject: 'region secondary' }]);
    expect(found.find(({ level }) => level === 'error')?.fix).toMatch(/mount the folder/);
  });

  it('finds that others reach the host and no token protects it', async () => {
    await folders();

    const found = await examined({ HOST: '0.0.0.0' });

    expect(wrong(found)).toEqual([{ level: 'error', code: 'TOKEN_MISSING', subject: 'API_TOKEN' }]);
    expect(found[0]?.fix).toMatch(/openssl rand/);
  });

  it('finds each wrong variable', async () => {
    await folders();

    expect(wrong(await examined({ PORT: 'http', PRIMARY_S3_REGION: 'eu-west-1' }))).toMatchObject([{ subject: 'PORT' }]);
  });
});
