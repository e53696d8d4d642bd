import { createS3Region, serverSideLink } from '../../../lib/adapters/s3/index.ts';
import type { Sight } from '../../../lib/core/objects/sight.ts';
import type { BareJob } from '../support/bare.ts';
import { forEachOf, keyOf, sightOf } from '../support/small-objects.ts';
import { peakRssMibOf } from '../support/usage.ts';
import { jobOf, tell } from '../support/worker.ts';

const { loop, client, from, fromBucket, to, toBucket, objects, inFlight } = jobOf<BareJob>();
const sourceRegion = createS3Region(from, client);
const destinationRegion = from.endpoint === to.endpoint ? sourceRegion : createS3Region(to, client);
const source = sourceRegion.bucket(fromBucket);
const destination = destinationRegion.bucket(toBucket);
const serverSide = serverSideLink(source, destination);

const cpu = process.cpuUsage();
const started = performance.now();
await forEachOf(objects, inFlight, async (index) => {
  const key = keyOf(index);
  const sight = loop === 'copy' ? sightOf(key) : await look(key);
  if (loop === 'head-get-put') {
    const { body } = await source.read(key, sight);
    await destination.write(key, body, { size: sight.size, like: sight });
  } else {
    if (!serverSide) throw new Error('these two buckets have no one credential');
    await serverSide.copy({ sourceKey: key, key, sight });
  }
});
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(cpu);
await tell({ seconds, cpuMs: (user + system) / 1000, peakRssMib: peakRssMibOf('self') });
process.exit(0);

async function look(key: string): Promise<Sight> {
  const seen = await source.head(key);
  if (!seen.present) throw new Error(`${key} is missing`);
  return seen.sight;
}
