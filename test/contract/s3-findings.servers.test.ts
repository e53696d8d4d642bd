/** What is found out about a bucket is found out once for all processes that share a memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Region, type S3Region, type S3RegionOptions } from '../../lib/adapters/s3/index.ts';
import type { Findings } from '../../lib/ports/objects.ts';
import { type S3Server, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';

class Memory implements Findings {
  readonly known = new Map<string, unknown>();

  async recall(name: string): Promise<unknown> {
    return this.known.get(name) ?? null;
  }

  async remember(name: string, finding: unknown): Promise<void> {
    this.known.set(name, structuredClone(finding));
  }
}

/** Answers to nobody. */
const NOWHERE = 'http://127.0.0.1:9';

describe.skipIf(!serverAvailable('minio'))('findings', () => {
  let server: S3Server;
  const regions: S3Region[] = [];
  beforeAll(async () => {
    server = await startS3Server('minio');
  });
  afterAll(async () => {
    for (const region of regions) region.close();
    await server.stop();
  });

  function regionOf(findings: Findings, options: Partial<S3RegionOptions> = {}): S3Region {
    const region = createS3Region({ ...server, findings, ...options });
    regions.push(region);
    return region;
  }

  it('are what the next process knows, without a request to the store', async () => {
    const memory = new Memory();
    const bucket = await server.createBucket();
    const tried = await regionOf(memory).bucket(bucket).capabilities();

    const next = regionOf(memory, { endpoint: NOWHERE }).bucket(bucket);

    expect(await next.capabilities()).toEqual(tried);
    expect(await next.copyDropsExpires()).toBe(true);
  });

  it('are of one bucket, and of what it is encrypted with', async () => {
    const memory = new Memory();
    await regionOf(memory)
      .bucket(await server.createBucket())
      .capabilities();
    const [name = ''] = memory.known.keys();

    expect(memory.known.size).toBe(1);
    const unknown = { kmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/a' };
    await expect(regionOf(memory, { endpoint: NOWHERE }).bucket('another').capabilities()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await expect(regionOf(memory, { endpoint: NOWHERE }).bucket(name.trim(), unknown).capabilities()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('that another Tidemark wrote, which tries other things, are tried anew', async () => {
    const memory = new Memory();
    const bucket = await server.createBucket();
    memory.known.set(`${bucket} `, { capabilities: { writable: true } });

    expect(await regionOf(memory).bucket(bucket).capabilities()).toMatchObject({ writable: true, conditionalPut: true });
    expect(memory.known.get(`${bucket} `)).toMatchObject({ capabilities: { conditionalPut: true } });
  });

  it('do not hold that nothing may be written: the permission may be given at any moment', async () => {
    const memory = new Memory();
    const stranger = { credentials: { accessKeyId: 'nobody', secretAccessKey: 'known-to-nobody' } };

    const asked = regionOf(memory, stranger).bucket(await server.createBucket());

    expect(await asked.capabilities()).toMatchObject({ writable: false });
    expect(memory.known.size).toBe(0);
  });
});
