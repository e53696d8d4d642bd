/** Where an object is written: a file beside its final name, which it takes once it is whole. */

import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CliError, EXIT } from '../exit.ts';

export interface Destination {
  /** Null: standard output. */
  readonly path: string | null;
  readonly sink: NodeJS.WritableStream;
  /** Everything is there: it takes its name. @throws CliError */
  keep(): Promise<void>;
  /** Nothing is left of it. */
  discard(): Promise<void>;
}

/** @param path `-`: standard output; a folder: the last part of the key in it @throws CliError where there is no such place */
export async function openDestination(path: string, key: string): Promise<Destination> {
  if (path === '-') {
    if (process.stdout.isTTY)
      throw new CliError('- writes the bytes to standard output: pipe them on, as `npx tidemark get KEY - | less`.', EXIT.usage);
    return { path: null, sink: process.stdout, keep: async () => undefined, discard: async () => undefined };
  }
  const found = await stat(path).catch(() => null);
  const file = found?.isDirectory() ? join(path, nameOf(key)) : path;
  const there = found?.isDirectory() ? await stat(file).catch(() => null) : found;
  // A device is no file that another one could take the place of.
  if (there && !there.isFile()) throw new CliError(`FILE: ${file} is no file. Name one, or - for standard output.`, EXIT.usage);
  // Behind a symbolic link is what was meant.
  const final = there ? await realpath(file) : file;
  const temporary = join(dirname(final), `.${basename(final).slice(0, 100)}.tidemark-${randomUUID()}`);
  const failed = (error: unknown): CliError =>
    new CliError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}. Name another file.`, EXIT.failed, error);
  const opened = await open(temporary, 'wx').catch((error: unknown) => {
    throw failed(error);
  });
  const sink = opened.createWriteStream();
  const discard = async (): Promise<void> => {
    sink.destroy();
    await rm(temporary, { force: true });
  };
  return {
    path: file,
    sink,
    keep: () =>
      rename(temporary, final).catch(async (error: unknown) => {
        await discard();
        throw failed(error);
      }),
    discard,
  };
}

/** The last part of a key, where that is a name that a file can have. @throws CliError */
export function nameOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('\0') && Buffer.byteLength(name) <= 255) return name;
  throw new CliError(`FILE: no file can have the name of ${JSON.stringify(key)}. Name one: npx tidemark get KEY FILE.`, EXIT.usage);
}
