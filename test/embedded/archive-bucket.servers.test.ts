/** Tables in buckets of real S3 servers: rivals at once, and pyiceberg as the judge. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Region, type S3Region } from '../../lib/adapters/s3/index.ts';
import { S3TableFiles } from '../../lib/adapters/s3/table-files.ts';
import type { StoredEvent } from '../../lib/core/iceberg/envelope.ts';
import { archive } from '../../lib/usecases/iceberg/archive.ts';
import { compactTable } from '../../lib/usecases/iceberg/compact.ts';
import { readTable } from '../../lib/usecases/iceberg/read.ts';
import { loadTable } from '../../lib/usecases/iceberg/table.ts';
import { someEvents, streamOf, tableDeps } from '../fixtures/archive-events.ts';
import { readersAvailable, sequencesInBucket } from '../fixtures/iceberg-readers.ts';
import { type S3Server, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';

const EVENTS = someEvents(400, { hours: 30 });

for (const kind of ['versitygw', 'minio'] as const) {
  describe.skipIf(!serverAvailable(kind) || !readersAvailable())(`a table in a bucket of ${kind}`, () => {
    let server: S3Server;
    let region: S3Region;
    beforeAll(async () => {
      server = await startS3Server(kind);
      region = createS3Region(server);
    });
    afterAll(async () => {
      region?.close();
      await server?.stop();
    });

    it('holds every event once after several wrote and compacted at once', async () => {
      const bucket = await server.createBucket();
      const own = () => tableDeps(new S3TableFiles(region.bucket(bucket), 'tables/a'));
      const write = () => archive(own(), { stream: 'a', events: streamOf(EVENTS), rowsPerCommit: 50 });

      const runs = await Promise.all([write(), write(), write()]);
      await Promise.all([compactTable(own()), compactTable(own())]);

      expect(runs.map(({ through }) => through)).toEqual([400, 400, 400]);
      expect(runs.reduce((sum, { rows }) => sum + rows, 0)).toBe(400);
      const read: StoredEvent[] = [];
      for await (const batch of readTable(own())) read.push(...batch);
      expect(read).toEqual(EVENTS);
      const version = (await loadTable(own().files))?.version;
      expect(version).toBe(10);
      expect(await sequencesInBucket(`s3://${bucket}/tables/a/metadata/v${version}.metadata.json`, server)).toEqual(
        EVENTS.map(({ event }) => event.sequence),
      );
    });
  });
}
