/** The host between two S3 servers is killed again and again while its source is written to, overwritten and deleted from. */
import { randomInt } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { ChildHost, newWorkingDirectory } from './child-host.ts';
import { compare, Load, selfProving, torn } from './load.ts';
import { S3Pair } from './s3-pair.ts';
import { LINKS, serversAvailable } from './s3-support.ts';
import { put } from './support.ts';

const KILLS = 20;
/** In a round, at most: as many again while the host is down. More would leave it no time to start on a small machine. */
const CHANGES = 60;
const NOTHING = { lost: [], stale: [], extra: [] };
const TAGS = { told: 'before the kill' };
const available = serversAvailable();

// One way round: the other tells the same, and would take as long again.
const [, link] = LINKS;

describe.skipIf(!available)(`from ${link.source} to ${link.destination}`, () => {
  let pair: S3Pair;
  let directory: Awaited<ReturnType<typeof newWorkingDirectory>>;
  let host: ChildHost;
  const begin = (): void => {
    pair.relay.target = null;
    host = new ChildHost(directory.folder, { env: pair.env() });
  };
  const ready = async (): Promise<void> => {
    pair.relay.target = `${await host.ready()}/events/s3`;
  };

  afterEach(async () => {
    await host?.kill();
    await directory?.dispose();
    await pair?.dispose();
  });

  it(`loses, tears and forgets nothing when it is killed ${KILLS} times under load`, async () => {
    pair = await S3Pair.create(link);
    directory = await newWorkingDirectory(pair.regions());
    begin();
    await ready();
    const tagged = Array.from({ length: KILLS }, (_, kill) => `load/tagged/key-${kill}.txt`);
    const told: string[] = [];
    for (const key of tagged) await put(pair.source, key, selfProving(key, 0));
    await expect.poll(() => compare(pair.source, pair.destination), { timeout: 20_000, interval: 50 }).toEqual(NOTHING);
    const load = new Load(pair.source, CHANGES);
    load.start();
    const everTorn: string[] = [];

    for (const [kill, key] of tagged.entries()) {
      // Every fourth dies while it still starts, the others in the midst of copying: it has found out what the stores can do.
      if (kill % 4 !== 3) {
        await ready();
        const round = `load/round/key-${kill}.txt`;
        await put(pair.source, round, selfProving(round, 0));
        await expect.poll(async () => (await pair.destination.head(round)).present, { timeout: 20_000, interval: 10 }).toBe(true);
        const moment = load.changes + randomInt(1, CHANGES);
        load.allow(CHANGES);
        await expect.poll(() => load.changes >= moment, { timeout: 20_000, interval: 1 }).toBe(true);
        // No listing shows a change of tags: only what was accepted before the kill can carry it.
        await pair.source.putTags(key, TAGS);
        if (await tellTags(pair, key)) told.push(key);
      }
      await host.kill();
      load.allow(CHANGES);
      everTorn.push(...(await torn(pair.destination)));
      begin();
    }
    await ready();
    await load.stop();

    await expect.poll(() => compare(pair.source, pair.destination), { timeout: 60_000, interval: 100 }).toEqual(NOTHING);
    for (const key of told) {
      await expect.poll(() => pair.destination.head(key, { tags: true }), { timeout: 20_000 }).toMatchObject({ sight: { tags: TAGS } });
    }
    expect(everTorn).toEqual([]);
    expect(await torn(pair.destination)).toEqual([]);
    expect(told.length).toBeGreaterThan(KILLS / 2);
    expect(load.changes).toBeGreaterThan(KILLS * 10);
    host.process.kill('SIGTERM');
    expect(await host.exit()).toBe(0);
    expect(await compare(pair.source, pair.destination)).toEqual(NOTHING);
  }, 150_000);
});

/** As a store tells of it that does. @returns whether the host accepted it */
async function tellTags({ relay, source }: S3Pair, key: string): Promise<boolean> {
  const record = {
    eventVersion: '2.3',
    eventSource: 'minio:s3',
    awsRegion: 'us-east-1',
    eventTime: new Date().toISOString(),
    eventName: 's3:ObjectTagging:Put',
    s3: { bucket: { name: source.name }, object: { key } },
  };
  const answer = await fetch(relay.target ?? '', { method: 'POST', body: JSON.stringify({ Records: [record] }) });
  return answer.status === 202;
}
