/** Files of a table on real S3 servers. */
import { afterAll, beforeAll, describe } from 'vitest';
import { createS3Region, type S3Region } from '../../lib/adapters/s3/index.ts';
import { S3TableFiles } from '../../lib/adapters/s3/table-files.ts';
import { type S3Server, serverAvailable, startS3Server } from '../fixtures/s3-servers.ts';
import { tableFilesContract } from './table-files.ts';

for (const kind of ['versitygw', 'minio'] as const) {
  describe.skipIf(!serverAvailable(kind))(kind, () => {
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

    tableFilesContract(kind, async () => {
      const name = await server.createBucket();
      const open = () => new S3TableFiles(region.bucket(name), 'tables/https~3a~2f~2fcrm.example~2facme');
      return { files: open(), others: open(), dispose: () => undefined };
    });
  });
}
