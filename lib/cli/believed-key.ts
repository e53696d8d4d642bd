/** The public key that signatures are held against. */
import { readFile } from 'node:fs/promises';
import { keyId } from '../usecases/verify/signature.ts';
import type { ApiClient } from './client.ts';
import { CliError, EXIT } from './exit.ts';

/** That of a file, PEM. @throws CliError where there is none in it */
export async function keyInFile(path: string): Promise<string> {
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`--key: ${path} cannot be read (${error instanceof Error ? error.message : String(error)}). ${FIX}`, EXIT.failed, error);
  });
  try {
    keyId(pem);
    return pem;
  } catch (error) {
    throw new CliError(`--key: ${path} holds no public key. ${FIX}`, EXIT.failed, error);
  }
}

/** That of the Tidemark that is asked, PEM. */
export async function keyOfApi(client: ApiClient): Promise<string> {
  return (await client.get<{ readonly publicKey: string }>('/verify/key')).publicKey;
}

const FIX = 'Name a file that `tidemark verify key` wrote.';
