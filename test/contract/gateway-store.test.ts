/** The gateway store contract on folders. */
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderGatewayStore } from '../../lib/adapters/filesystem/gateway-store.ts';
import { newFolder } from '../fixtures/folder.ts';
import { gatewayStoreContract } from './gateway-store.ts';
import { SILENCE_MS } from './gateway-store-support.ts';

gatewayStoreContract(
  'folder',
  async () => {
    const { base, root, store: folder, dispose } = await newFolder();
    const loseBucket = async (): Promise<void> => {
      await rename(root, join(base, 'elsewhere'));
      await mkdir(root);
    };
    const leftovers = async (): Promise<number> => (await readdir(join(root, '.tidemark/tmp')).catch(() => [])).length;
    return { store: new FolderGatewayStore(folder), impatient: new FolderGatewayStore(folder, SILENCE_MS), loseBucket, leftovers, dispose };
  },
  { keys: 'any', conditionalPut: true, presigns: false, keepsChecksums: false },
);
